"""The Maven repository, through jgo: one artifact by its coordinate, and the closure that a lock file records."""

from pathlib import Path
from urllib.parse import urlsplit

from jgo.config import GlobalSettings
from jgo.maven import Artifact, MavenContext, PythonResolver

from connectors.broker.lockfile import Jar, JarLock, sha256_of


def context(cache: Path, mirror: str | None, timeout_s: int) -> MavenContext:
    """A context that asks the mirror alone, else what jgo's own settings name, else the public repository."""
    repositories = {"mirror": mirror.rstrip("/")} if mirror else GlobalSettings.load().repositories or None
    return MavenContext(PythonResolver(), repo_cache=cache, remote_repos=repositories, timeout=timeout_s)


def fetch_artifact(coordinate: str, folder: Path, mirror: str | None, timeout_s: int) -> Path:
    """Download one jar below `folder`; raises OSError when no repository has it or none answers."""
    maven = context(folder, mirror, timeout_s)
    try:
        return maven.create_dependency(coordinate).artifact.resolve()
    except RuntimeError as error:
        hosts = ", ".join(sorted({urlsplit(url).netloc for url in maven.remote_repos.values()}))
        raise OSError(f"{coordinate} is not in the repository {hosts}") from error


def resolve_lock(kafka_version: str, roots: tuple[str, ...], folder: Path, mirror: str | None) -> JarLock:
    """Resolve the roots and all that they need at run time; each jar is downloaded below `folder` and measured.

    Each root is resolved alone and an earlier root's version of a jar wins: resolved together, log4j's dependency
    management would put Kafka's own client library at an older version.
    """
    maven = context(folder, mirror, timeout_s=30)
    chosen: dict[tuple[str, str], Artifact] = {}
    for root in roots:
        for artifact in _closure(maven, root):
            chosen.setdefault((artifact.groupId, artifact.artifactId), artifact)
    return JarLock(kafka_version, roots, tuple(_measured(artifact) for artifact in chosen.values()))


def _closure(maven: MavenContext, root: str) -> list[Artifact]:
    own, others = maven.resolver.resolve([maven.create_dependency(root)])
    needed = [*own, *(dependency for dependency in others if dependency.scope in {"compile", "runtime"})]
    return [dependency.artifact for dependency in needed]


def _measured(artifact: Artifact) -> Jar:
    path = artifact.resolve()
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return Jar(coordinate, path.name, sha256_of(path), path.stat().st_size)
