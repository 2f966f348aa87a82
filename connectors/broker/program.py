"""Kafka's own programs as commands: the one that formats a data folder, and the broker."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from connectors.broker.java import Java
from connectors.broker.options import BrokerFiles

FORMAT_TIMEOUT_S = 60


@dataclass(frozen=True)
class KafkaProgram:
    """One Java, the verified jars in class path order, and the files of one data directory."""

    java: Java
    jars: tuple[Path, ...]
    files: BrokerFiles
    heap_mb: int

    def broker(self, mark: str) -> list[str]:
        """The broker's command line; `mark` makes its process known."""
        return [*self._jvm(), f"-Donething.mark={mark}", "kafka.Kafka", str(self.files.properties)]

    def format(self, cluster_id: str) -> list[str]:
        """The command that formats the data folder."""
        return [*self._jvm(), "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(self.files.properties)]

    def _jvm(self) -> list[str]:
        # One small node: the serial collector and the first compiler start fastest and take the least memory.
        return [
            str(self.java.binary),
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            f"-XX:ErrorFile={self.files.log.parent / 'jvm-crash-%p.log'}",
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self.files.log_settings}",
            "-cp",
            ":".join(str(jar) for jar in self.jars),
        ]


def format_data(program: KafkaProgram, cluster_id: str) -> bool:
    """Format the data folder for the cluster; what Kafka says goes to the console log. False when it fails."""
    program.files.console.parent.mkdir(parents=True, exist_ok=True)
    with program.files.console.open("ab") as console:
        done = subprocess.run(
            program.format(cluster_id),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            env=environment(),
            timeout=FORMAT_TIMEOUT_S,
            check=False,
        )
    return done.returncode == 0


def environment() -> dict[str, str]:
    """The environment for Java, which names files in the locale's characters: folders may be named in any script."""
    return os.environ | {"LC_ALL": "C.UTF-8"}
