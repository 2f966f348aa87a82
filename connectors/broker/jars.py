"""The cache of the broker's jars: filled from the repository, and verified against the lock before every start."""

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from connectors.broker.errors import DiskFull, JarChecksumWrong, JarsUnavailable
from connectors.broker.lockfile import Jar, JarLock, sha256_of
from connectors.broker.mutex import held

DOWNLOADS_AT_ONCE = 4
MB = 1 << 20
REMEDY_CACHED = (
    "Delete that file and start again, so that it is downloaded anew. If it is wrong again, the repository serves "
    "another file than the lock names: do not run it."
)
REMEDY_DOWNLOADED = (
    "It came from the repository like this and was thrown away. Try again, or set broker.jar_mirror to a mirror that "
    "serves the published file."
)


def verify(path: Path, jar: Jar) -> None:
    """Return when `path` holds exactly `jar`; raises JarChecksumWrong."""
    got = sha256_of(path)
    if got != jar.sha256:
        raise JarChecksumWrong(str(path), jar.sha256, got, REMEDY_CACHED)


def provide(lock: JarLock, cache: Path, mirror: str | None, tell: Callable[[str], None]) -> tuple[Path, ...]:
    """All jars of the lock, downloaded where they are missing, each verified; in the order of the class path.

    Raises JarsUnavailable, JarChecksumWrong, DiskFull.
    """
    missing = tuple(jar for jar in lock.jars if not (cache / jar.file).exists())
    if missing:
        with held(cache / ".lock"):
            download((jar for jar in missing if not (cache / jar.file).exists()), cache, mirror, tell)
    for jar in lock.jars:
        verify(cache / jar.file, jar)
    return tuple(cache / jar.file for jar in lock.jars)


def download(jars: Iterable[Jar], cache: Path, mirror: str | None, tell: Callable[[str], None]) -> None:
    """Bring the jars into the cache; each appears there whole and verified, or not at all."""
    wanted = tuple(jars)
    if not wanted:
        return
    refuse_full_disk(cache, sum(jar.size for jar in wanted) // MB + 1)
    tell(f"downloading {len(wanted)} jars of Kafka ({sum(jar.size for jar in wanted) / MB:.0f} MB) to {cache} …")
    try:
        for line in progress(wanted, _fetched(wanted, cache, mirror)):
            tell(line)
    except OSError as error:
        left = tuple(jar.file for jar in wanted if not (cache / jar.file).exists())
        if error.errno == errno.ENOSPC:
            raise DiskFull(cache, 0, sum(jar.size for jar in wanted) // MB + 1) from error
        raise JarsUnavailable(left, cache, str(error)) from error


def progress(wanted: Sequence[Jar], arrived: Iterable[Jar]) -> Iterator[str]:
    """A line for each further tenth of the bytes that has arrived."""
    total, done, told = sum(jar.size for jar in wanted), 0, 0
    for count, jar in enumerate(arrived, start=1):
        done += jar.size
        tenths = done * 10 // total
        if tenths > told:
            yield f"  {count} of {len(wanted)} jars, {done / MB:.0f} of {total / MB:.0f} MB"
        told = tenths


def _fetched(wanted: Sequence[Jar], cache: Path, mirror: str | None) -> Iterator[Jar]:
    with (
        tempfile.TemporaryDirectory(dir=cache, prefix=".part-") as part,
        ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool,
    ):
        futures = [pool.submit(fetch, jar, cache, Path(part), mirror) for jar in wanted]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def fetch(jar: Jar, cache: Path, part: Path, mirror: str | None) -> Jar:
    """One jar from the repository into the cache; raises OSError when it cannot be had, JarChecksumWrong."""
    from connectors.broker.repository import fetch_artifact  # noqa: PLC0415 - jgo is slow to import and seldom needed

    path = fetch_artifact(jar.coordinate, part, mirror)
    got = sha256_of(path)
    if got != jar.sha256:
        raise JarChecksumWrong(path.name, jar.sha256, got, REMEDY_DOWNLOADED)
    path.replace(cache / jar.file)
    return jar


def refuse_full_disk(folder: Path, needed_mb: int) -> None:
    """Return when the disk of `folder` has `needed_mb` left; raises DiskFull."""
    folder.mkdir(parents=True, exist_ok=True)
    free_mb = shutil.disk_usage(folder).free // MB
    if free_mb < needed_mb:
        raise DiskFull(folder, free_mb, needed_mb)
