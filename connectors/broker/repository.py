"""The Maven repository, through jgo: one artifact by its coordinate, and the closure that a lock file records."""

from pathlib import Path
from urllib.parse import urlsplit

from jgo.config import GlobalSettings
from jgo.maven import Artifact, MavenContext, PythonResolver

from connectors.broker.lockfile import Jar, JarLock, sha256_of

SCALA_VERSION = "2.13"
LOG4J = ("org.apache.logging.log4j", "log4j-core")
CONNECT_TIMEOUT_S = 20


def context(cache: Path, mirror: str | None) -> MavenContext:
    """A context that asks the mirror alone, else what jgo's own settings name, else the public repository."""
    repositories = {"mirror": mirror.rstrip("/")} if mirror else GlobalSettings.load().repositories or None
    return MavenContext(PythonResolver(), repo_cache=cache, remote_repos=repositories, timeout=CONNECT_TIMEOUT_S)


def fetch_artifact(coordinate: str, folder: Path, mirror: str | None) -> Path:
    """Download one jar below `folder`; raises OSError when no repository has it or none answers."""
    maven = context(folder, mirror)
    hosts = ", ".join(sorted({urlsplit(url).netloc for url in maven.remote_repos.values()}))
    try:
        return maven.create_dependency(coordinate).artifact.resolve()
    except RuntimeError:
        # jgo's own words are the same fact as a Python dictionary.
        raise OSError(f"{coordinate} is not in the repository {hosts}") from None
    except OSError as error:
        # A fault of this machine's disk has an error number; one of the connection has none.
        if error.errno is not None:
            raise
        raise OSError(f"the repository {hosts} cannot be reached: {reason(error)}") from error


def reason(error: BaseException) -> str:
    """The innermost cause in one line: the outer layers only repeat it."""
    inner = error.__cause__ or error.__context__
    return reason(inner) if inner else " ".join(str(error).split()) or type(error).__name__


def resolve_lock(kafka_version: str, folder: Path, mirror: str | None) -> JarLock:
    """Resolve Kafka and its logging, and all that both need at run time; each jar is downloaded below `folder`.

    Kafka's jars name no implementation of the logging interface that they use, so Log4j's is added, in the version
    of Log4j that Kafka asks for. Each root is resolved alone and Kafka's version of a jar wins: resolved together,
    Log4j's dependency management would put Kafka's own client library at an older version. Raises OSError.
    """
    maven = context(folder, mirror)
    kafka = f"org.apache.kafka:kafka_{SCALA_VERSION}:{kafka_version}"
    try:
        chosen = {(found.groupId, found.artifactId): found for found in _closure(maven, kafka)}
        logging = f"org.apache.logging.log4j:log4j-slf4j-impl:{chosen[LOG4J].version}"
        chosen = {(found.groupId, found.artifactId): found for found in _closure(maven, logging)} | chosen
        jars = sorted((_measured(artifact) for artifact in chosen.values()), key=lambda jar: jar.coordinate)
    except RuntimeError as error:
        raise OSError(f"{kafka} cannot be resolved: {error}") from error
    return JarLock(kafka_version, (kafka, logging), tuple(jars))


def _closure(maven: MavenContext, root: str) -> list[Artifact]:
    own, others = maven.resolver.resolve([maven.create_dependency(root)])
    needed = [*own, *(dependency for dependency in others if dependency.scope in {"compile", "runtime"})]
    return [dependency.artifact for dependency in needed]


def _measured(artifact: Artifact) -> Jar:
    path = artifact.resolve()
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return Jar(coordinate, path.name, sha256_of(path), path.stat().st_size)
