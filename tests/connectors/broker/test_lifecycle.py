import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from connectors import broker
from connectors.broker import BrokerOptions
from connectors.broker.identity import read_identity, write_identity
from connectors.broker.options import files_of
from connectors.broker.ports import answers
from connectors.broker.run import read_run

pytestmark = pytest.mark.broker
GONE_TIMEOUT_S = 30


def create_topic(bootstrap_servers: str, name: str) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap_servers})
    client.create_topics([NewTopic(name, 1, 1)])[name].result(10)


def topics_of(bootstrap_servers: str) -> set[str]:
    return set(AdminClient({"bootstrap.servers": bootstrap_servers}).list_topics(timeout=10).topics)


def test_the_session_broker_is_one_node_that_creates_no_topic_by_itself(kafka: str) -> None:
    client = AdminClient({"bootstrap.servers": kafka})
    assert len(client.list_topics(timeout=10).brokers) == 1
    client.list_topics("nobody.declared.this", timeout=10)
    assert "nobody.declared.this" not in topics_of(kafka)


def test_a_broker_starts_once_is_found_stops_and_keeps_its_topics_ports_and_cluster(options: BrokerOptions) -> None:
    assert broker.status(options) is None
    assert not broker.stop(options)

    first = broker.start(options)
    assert broker.start(options) == first
    assert broker.status(options) == first
    assert first.bootstrap_servers.startswith("127.0.0.1:")
    assert first.log_file.exists()
    create_topic(first.bootstrap_servers, "kept")

    assert broker.stop(options)
    assert not psutil.pid_exists(first.pid)
    assert broker.status(options) is None
    assert "App info kafka.server for 1 unregistered" in first.log_file.read_text(), "the stop was orderly"

    again = broker.start(options)
    assert (again.bootstrap_servers, again.cluster_id) == (first.bootstrap_servers, first.cluster_id)
    assert again.pid != first.pid
    assert "kept" in topics_of(again.bootstrap_servers)


def test_it_listens_on_the_loopback_alone(options: BrokerOptions) -> None:
    running = broker.start(options)
    listening = [it for it in psutil.Process(running.pid).net_connections("tcp") if it.status == psutil.CONN_LISTEN]
    assert {it.laddr[0].removeprefix("::ffff:") for it in listening} == {"127.0.0.1"}
    assert len(listening) == 2


def test_folders_may_be_named_in_any_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Java reads settings files as Latin-1 and names files in the locale's characters."""
    monkeypatch.setenv("LC_ALL", "C")
    options = BrokerOptions(tmp_path / "数据 目录", heap_mb=256, owner_pid=os.getpid())
    running = broker.start(options)
    create_topic(running.bootstrap_servers, "kept")
    broker.stop(options)
    assert (files_of(options).data / "kept-0").is_dir()
    assert "Kafka Server started" in running.log_file.read_text()


def test_a_folder_that_kafka_would_take_for_two_is_refused(tmp_path: Path) -> None:
    with pytest.raises(broker.DataDirUnusable, match="another path"):
        broker.start(BrokerOptions(tmp_path / "a,b"))


def test_starts_at_the_same_time_make_one_broker(options: BrokerOptions) -> None:
    with ThreadPoolExecutor(3) as pool:
        running = list(pool.map(broker.start, [options] * 3))
    assert len({it.pid for it in running}) == 1


def test_a_broker_that_was_killed_is_not_taken_for_running_and_starts_again(options: BrokerOptions) -> None:
    first = broker.start(options)
    create_topic(first.bootstrap_servers, "kept")
    os.kill(first.pid, signal.SIGKILL)
    psutil.Process(first.pid).wait(GONE_TIMEOUT_S)
    assert broker.status(options) is None
    assert "kept" in topics_of(broker.start(options).bootstrap_servers)


def test_a_starter_that_is_killed_leaves_a_broker_that_is_found(options: BrokerOptions) -> None:
    folder = str(options.data_dir)
    code = f"from connectors.broker import *; from pathlib import Path; start(BrokerOptions(Path({folder!r})))"
    with subprocess.Popen([sys.executable, "-c", code]) as starter:
        while broker.status(options) is None:
            assert starter.poll() is None
        starter.kill()
    found = broker.status(options)
    assert found is not None
    assert broker.start(options) == found
    assert topics_of(found.bootstrap_servers) == set()


def test_a_process_that_got_the_id_of_an_ended_broker_is_left_alone(options: BrokerOptions) -> None:
    broker.start(options)
    broker.stop(options)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        write_run_of(options, other.pid)
        assert broker.status(options) is None
        assert not broker.stop(options)
        assert other.poll() is None


def write_run_of(options: BrokerOptions, pid: int) -> None:
    told = {
        "broker": dict.fromkeys(
            ("bootstrap_servers", "cluster_id", "log_file", "data_dir", "kafka_version", "java"), ""
        )
        | {"pid": pid},
        "process": {"pid": pid, "mark": "onething-0000000000000000"},
        "watchdog": None,
    }
    files_of(options).run.write_text(json.dumps(told))


def test_a_broker_goes_when_its_owner_is_killed(options: BrokerOptions) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        running = broker.start(replace(options, owner_pid=owner.pid))
        process = psutil.Process(running.pid)
        run = read_run(files_of(options).run)
        owner.kill()
    process.wait(GONE_TIMEOUT_S)
    assert not answers("127.0.0.1", int(running.bootstrap_servers.split(":")[1]), 1)
    assert run is not None
    assert run.watchdog is not None
    psutil.Process(run.watchdog.pid).wait(GONE_TIMEOUT_S)


def test_stopping_ends_the_watchdog_too(options: BrokerOptions) -> None:
    broker.start(options)
    run = read_run(files_of(options).run)
    assert run is not None
    assert run.watchdog is not None
    assert psutil.pid_exists(run.watchdog.pid)
    broker.stop(options)
    assert not psutil.pid_exists(run.watchdog.pid)


@pytest.mark.parametrize("which", ["port", "controller_port"])
def test_a_taken_port_is_told_with_its_owner(options: BrokerOptions, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        asked = replace(options, port=taken) if which == "port" else replace(options, controller_port=taken)
        with pytest.raises(broker.PortTaken, match=rf"port {taken} .*process {os.getpid()} ") as error:
            broker.start(asked)
    assert error.value.port == taken
    assert "broker.port" in error.value.remedy


def test_a_port_that_is_taken_meanwhile_is_told_from_the_log(
    options: BrokerOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking and binding, another process may take the port: then only Kafka notices."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        monkeypatch.setattr("connectors.broker.launch.choose_port", lambda _host, asked, _last: asked or taken)
        with pytest.raises(broker.PortTaken, match=f"port {taken} "):
            broker.start(replace(options, controller_port=free_port()))
    assert broker.status(options) is None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_remembered_port_that_is_taken_is_replaced(options: BrokerOptions) -> None:
    port = int(broker.start(options).bootstrap_servers.split(":")[1])
    broker.stop(options)
    with socket.create_server(("127.0.0.1", port)):
        assert broker.start(options).bootstrap_servers != f"127.0.0.1:{port}"


def test_too_little_disk_is_told_before_anything_is_started(options: BrokerOptions) -> None:
    with pytest.raises(broker.DiskFull, match=r"MB free, 999999999 MB needed"):
        broker.start(replace(options, min_free_mb=999_999_999))
    assert not files_of(options).data.exists()


@pytest.mark.parametrize("size", ["4k", "16k", "64k"])
def test_a_disk_that_fills_up_while_starting_is_told(options: BrokerOptions, size: str) -> None:
    root = files_of(options).root
    root.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(root)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"this user may not mount a small disk: {mounted.stderr.decode().strip()}")
    try:
        with pytest.raises(broker.DiskFull, match="is full: 0 MB free, 1 MB needed"):
            broker.start(replace(options, min_free_mb=0))
    finally:
        subprocess.run(["/bin/umount", str(root)], check=True)


def test_data_of_a_newer_kafka_is_left_alone(options: BrokerOptions) -> None:
    broker.start(options)
    broker.stop(options)
    path = files_of(options).identity
    identity = read_identity(path)
    assert identity is not None
    write_identity(path, replace(identity, kafka_version="99.0.0"))
    with pytest.raises(broker.DataOfNewerVersion, match=r"newer Kafka \(99\.0\.0\)"):
        broker.start(options)


def test_metadata_that_only_a_newer_kafka_knows_is_told_from_the_log(options: BrokerOptions) -> None:
    """Without the record of who wrote the data, only Kafka itself can tell that it is newer."""
    broker.start(options)
    broker.stop(options)
    files = files_of(options)
    files.identity.unlink()
    for path in (files.data / "bootstrap.checkpoint", files.data / "__cluster_metadata-0" / f"{0:020}.log"):
        path.write_bytes(with_metadata_version(path.read_bytes(), 120))
    with pytest.raises(broker.DataOfNewerVersion, match=r"metadata\.version"):
        broker.start(options)


def with_metadata_version(batches: bytes, level: int) -> bytes:
    """The record batches with the first `metadata.version` put to another level, and that batch's checksum redone."""
    name, start = b"metadata.version", 0
    end = start + 12 + int.from_bytes(batches[8:12], "big")
    while name not in batches[start:end]:
        start, end = end, end + 12 + int.from_bytes(batches[end + 8 : end + 12], "big")
    at = batches.index(name, start) + len(name)
    body = batches[start + 21 : at] + level.to_bytes(2, "big") + batches[at + 2 : end]
    return batches[: start + 17] + crc32c(body).to_bytes(4, "big") + body + batches[end:]


def crc32c(content: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_data_of_another_cluster_is_left_alone(options: BrokerOptions, tmp_path: Path) -> None:
    theirs = BrokerOptions(tmp_path / "other", heap_mb=256, owner_pid=os.getpid())
    for each in (options, theirs):
        broker.start(each)
        broker.stop(each)
    data = files_of(options).data
    shutil.rmtree(data)
    shutil.copytree(files_of(theirs).data, data)
    with pytest.raises(broker.DataOfAnotherCluster, match="belongs to cluster"):
        broker.start(options)


def test_a_broker_that_cannot_start_says_why_with_its_last_log_lines(options: BrokerOptions) -> None:
    with pytest.raises(broker.BrokerNotStarted, match=r"(?s)heap_mb.*heap") as error:
        broker.start(replace(options, heap_mb=10_000_000_000))
    assert error.value.log_lines
    assert broker.status(options) is None


def test_a_broker_that_does_not_answer_in_time_is_not_left_behind(options: BrokerOptions) -> None:
    with pytest.raises(broker.BrokerNotStarted, match="did not answer within 0 s"):
        broker.start(replace(options, start_timeout_s=0.0))
    folder = str(options.data_dir)
    assert [it for it in psutil.process_iter(["cmdline"]) if folder in " ".join(it.info["cmdline"] or ())] == []
    assert not files_of(options).run.exists()


def test_a_cluster_without_data_is_a_new_cluster(options: BrokerOptions) -> None:
    """Positions that others keep for the old cluster must not be taken for positions in the new one."""
    first = broker.start(options)
    broker.stop(options)
    shutil.rmtree(files_of(options).data)
    assert broker.start(options).cluster_id != first.cluster_id
