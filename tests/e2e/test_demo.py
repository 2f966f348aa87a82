"""The demonstration as a new user runs it, on a small city; and what a whole run may not leave behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import psutil
import pytest
from confluent_kafka import TopicPartition

from connectors import broker
from connectors.kafka import KafkaOptions, admin, consumer
from producers.simulation.simulate import _NUMBERS, Simulation

ENTERPRISES, PERSONS, SEED = 40, 30, 1
PLANTED = [number.encode() for number in _NUMBERS]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The data directory of a demonstration that has ended, and what it printed."""
    root = tmp_path_factory.mktemp("demo")
    size = ["--enterprises", str(ENTERPRISES), "--persons", str(PERSONS), "--seed", str(SEED)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONETHING_")}
    told = subprocess.run(
        [sys.executable, "-P", "-m", "onething", "demo", *size],
        cwd=root,
        env={**environment, "ONETHING_DATA_DIR": str(root / "data"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    return root / "data" / "demo", told.stdout


@pytest.mark.broker
def test_the_demonstration_shows_every_step_and_ends_well(shown: tuple[Path, str]) -> None:
    data_dir, told = shown
    for words in (
        "模拟城市上报",
        "归集成档",
        "一企一档",
        "17 项结论与模拟城市的事实逐项相符",
        "逐条相符",
        "一条不少、一条不重",
        "完成 done",
    ):
        assert words in told
    assert len(list((data_dir / "reports").glob("*.txt"))) == 1


@pytest.mark.broker
def test_nothing_is_left_running(shown: tuple[Path, str]) -> None:
    data_dir, _ = shown
    assert broker.status(broker.BrokerOptions(data_dir)) is None
    assert not list((data_dir / "run").glob("*-*.json"))
    assert not [process.pid for process in psutil.process_iter() if str(data_dir) in _command_line(process)]


@pytest.mark.broker
def test_no_id_number_stands_in_clear_anywhere_after_a_whole_run(shown: tuple[Path, str]) -> None:
    """Planted numbers, and those of every person of the city: in no message and in no file.

    Kafka's own files are compressed, so the messages are read as a client reads them.
    """
    data_dir, told = shown
    secret = [
        *PLANTED,
        *(
            each.resident_id.encode()
            for each in Simulation(ENTERPRISES, PERSONS, SEED, datetime.now(ZoneInfo("Asia/Shanghai")).date()).people
        ),
    ]
    assert len(PLANTED) == 10
    assert not _found(secret, told.encode())
    files = [path for path in data_dir.rglob("*") if path.is_file() and "broker/data" not in str(path)]
    assert not [path for path in files if _found(secret, path.read_bytes())]
    messages = list(_messages(data_dir))
    assert len(messages) > 1000
    assert any(_found([b"enterprise:"], part) for _, part in messages), "what is in clear would be found"
    assert not [topic for topic, part in messages if _found(secret, part)]


def _found(secret: list[bytes], text: bytes) -> bool:
    return any(number in text for number in secret)


def _command_line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _messages(data_dir: Path) -> Iterator[tuple[str, bytes]]:
    """(topic, key and value) of every message of the ended hub, whose broker is started once more."""
    options = broker.BrokerOptions(data_dir, owner_pid=os.getpid())
    running = broker.start(options)
    try:
        yield from _read(KafkaOptions(running.bootstrap_servers))
    finally:
        broker.stop(options)


def _read(options: KafkaOptions) -> Iterator[tuple[str, bytes]]:
    topics = admin(options).list_topics(timeout=30).topics
    reader = consumer(options, f"scan-{uuid4()}", enable_partition_eof=True)
    places = [TopicPartition(name, number, 0) for name, topic in topics.items() for number in topic.partitions]
    reader.assign(places)
    ended = 0
    while ended < len(places):
        for message in reader.consume(5000, 30):
            if message.error():
                ended += 1
            else:
                yield str(message.topic()), (message.key() or b"") + b"\0" + (message.value() or b"")
    reader.close()
