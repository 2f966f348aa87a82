import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.broker import DiskFull, JarChecksumWrong, JarsUnavailable
from connectors.broker.jars import MB, progress, provide
from connectors.broker.lockfile import LOCK_FILE, Jar, JarLock, read_lock, sha256_of, written
from connectors.broker.options import BrokerOptions, jar_cache_of

UNROUTABLE = "http://127.0.0.1:9"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.fixture
def mirror(repository: Path) -> Iterator[str]:
    """A Maven repository that serves the folder `repository`."""
    serve = functools.partial(Quiet, directory=str(repository))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def lock(repository: Path) -> JarLock:
    return JarLock(
        "9.9", ("org.example:a:1",), (published(repository, "a", b"A" * 10), published(repository, "b", b"B"))
    )


def published(repository: Path, name: str, content: bytes) -> Jar:
    path = repository / "org" / "example" / name / "1" / f"{name}-1.jar"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return Jar(f"org.example:{name}:1", path.name, sha256_of(path), len(content))


def silent(_: str) -> None:
    return


def test_the_lock_names_every_jar_and_no_repository() -> None:
    lock = read_lock()
    assert lock.kafka_version == "4.3.1"
    assert any(jar.file == "kafka_2.13-4.3.1.jar" for jar in lock.jars)
    assert len({jar.file for jar in lock.jars}) == len(lock.jars)
    assert "://" not in LOCK_FILE.read_text()


def test_a_lock_reads_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "lock.toml"
    path.write_text(written(read_lock()))
    assert read_lock(path) == read_lock()
    assert written(read_lock()) == LOCK_FILE.read_text()


def test_missing_jars_come_from_the_mirror_once(tmp_path: Path, mirror: str, repository: Path, lock: JarLock) -> None:
    told: list[str] = []
    cache = tmp_path / "cache"
    paths = provide(lock, cache, mirror, told.append)
    assert [path.read_bytes() for path in paths] == [b"A" * 10, b"B"]
    assert told[0].startswith("downloading 2 jars")
    assert told[-1].startswith("  2 of 2 jars")

    shutil.rmtree(repository)
    told.clear()
    assert provide(lock, cache, UNROUTABLE, told.append) == paths
    assert told == []
    assert {path.name for path in cache.iterdir()} == {"a-1.jar", "b-1.jar", ".lock"}


def test_no_network_and_an_empty_cache_names_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(JarsUnavailable, match="46 of the broker's jars") as error:
        provide(read_lock(), tmp_path, UNROUTABLE, silent)
    assert len(error.value.missing) == 46
    assert "the repository 127.0.0.1:9 cannot be reached: " in str(error.value)
    assert "broker.jar_mirror" in error.value.remedy


def test_a_jar_that_the_mirror_has_not_is_named(tmp_path: Path, mirror: str, repository: Path, lock: JarLock) -> None:
    (repository / "org/example/b/1/b-1.jar").unlink()
    with pytest.raises(JarsUnavailable, match=r"org\.example:b:1 is not in the repository 127\.0\.0\.1"):
        provide(lock, tmp_path / "cache", mirror, silent)


def test_a_wrong_jar_from_the_mirror_never_enters_the_cache(
    tmp_path: Path, mirror: str, repository: Path, lock: JarLock
) -> None:
    (repository / "org/example/b/1/b-1.jar").write_bytes(b"X")
    with pytest.raises(JarChecksumWrong, match=r"b-1\.jar is not the jar") as error:
        provide(lock, tmp_path / "cache", mirror, silent)
    assert error.value.expected == lock.jars[1].sha256
    assert "broker.jar_mirror" in error.value.remedy
    assert not (tmp_path / "cache" / "b-1.jar").exists()


def test_one_flipped_byte_in_a_cached_jar_is_refused(tmp_path: Path, mirror: str, lock: JarLock) -> None:
    cache = tmp_path / "cache"
    provide(lock, cache, mirror, silent)
    jar = cache / "a-1.jar"
    jar.write_bytes(bytes([jar.read_bytes()[0] ^ 1]) + jar.read_bytes()[1:])
    with pytest.raises(JarChecksumWrong) as error:
        provide(lock, cache, mirror, silent)
    assert (error.value.jar, error.value.expected) == (str(jar), lock.jars[0].sha256)
    assert error.value.got == sha256_of(jar)
    assert str(error.value).count(error.value.got) == 1
    assert "Delete that file" in error.value.remedy


def test_a_disk_too_small_for_the_jars_is_told_before_downloading(tmp_path: Path) -> None:
    huge = JarLock("9.9", (), (Jar("org.example:huge:1", "huge-1.jar", "", 1 << 60),))
    with pytest.raises(DiskFull, match=str((1 << 60) // MB + 1)):
        provide(huge, tmp_path, UNROUTABLE, silent)


def test_progress_tells_at_most_ten_lines() -> None:
    jars = [Jar("org.example:a:1", "a-1.jar", "", MB)] * 46
    lines = list(progress(jars, jars))
    assert len(lines) == 10
    assert lines[-1] == "  46 of 46 jars, 46 of 46 MB"


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jar_cache_of(BrokerOptions(tmp_path)) == tmp_path / "onething" / "jars"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert jar_cache_of(BrokerOptions(tmp_path)) == tmp_path / ".cache" / "onething" / "jars"
    assert jar_cache_of(BrokerOptions(tmp_path, jar_cache=tmp_path / "own")) == tmp_path / "own"
