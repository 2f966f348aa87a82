"""The cache of the broker's jars: filled from the repository, and verified against the lock before every start."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from connectors.broker.errors import DiskFull, JarChecksumWrong, JarsUnavailable
from connectors.broker.lockfile import Jar, JarLock, sha256_of
from connectors.broker.mutex import held

DOWNLOADS_AT_ONCE = 4
CONNECT_TIMEOUT_S = 20
MB = 1 << 20


def verify(path: Path, jar: Jar) -> None:
    """Return when `path` holds exactly `jar`; raises JarChecksumWrong."""
    got = sha256_of(path)
    if got != jar.sha256:
        raise JarChecksumWrong(path, jar.sha256, got)


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
    tell(f"downloading {len(wanted)} jars ({sum(jar.size for jar in wanted) / MB:.0f} MB) to {cache} …")
    with (
        tempfile.TemporaryDirectory(dir=cache, prefix=".part-") as part,
        ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool,
    ):
        futures = [pool.submit(fetch, jar, cache, Path(part), mirror) for jar in wanted]
        try:
            for done, (jar, future) in enumerate(zip(wanted, futures, strict=True), start=1):
                future.result()
                tell(f"  {done:2d}/{len(wanted)}  {jar.file}")
        except OSError as error:
            pool.shutdown(cancel_futures=True)
            left = tuple(jar.file for jar in wanted if not (cache / jar.file).exists())
            raise JarsUnavailable(left, cache, reason(error)) from error


def fetch(jar: Jar, cache: Path, part: Path, mirror: str | None) -> None:
    """One jar from the repository into the cache; raises OSError when it cannot be had, JarChecksumWrong."""
    from connectors.broker.repository import fetch_artifact  # noqa: PLC0415 - jgo is slow to import and seldom needed

    path = fetch_artifact(jar.coordinate, part, mirror, CONNECT_TIMEOUT_S)
    verify(path, jar)
    path.replace(cache / jar.file)


def reason(error: BaseException) -> str:
    """The innermost cause in one line: the outer layers only repeat it."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return " ".join(str(error).split()) or type(error).__name__


def refuse_full_disk(folder: Path, needed_mb: int) -> None:
    """Return when the disk of `folder` has `needed_mb` left; raises DiskFull."""
    folder.mkdir(parents=True, exist_ok=True)
    free_mb = shutil.disk_usage(folder).free // MB
    if free_mb < needed_mb:
        raise DiskFull(folder, free_mb, needed_mb)
