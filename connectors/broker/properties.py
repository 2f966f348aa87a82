"""The settings files of a one-node Kafka, as text: nothing here reads or writes anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NODE_ID = 1
CONTROLLER_HOST = "127.0.0.1"
LOG_FILE_MB = 10
LOG_FILES_KEPT = 5
ASCII_END = 128


@dataclass(frozen=True)
class Ports:
    """The two ports of one broker: for its clients, and for its controller."""

    client: int
    controller: int


def server_properties(host: str, ports: Ports, data: Path) -> str:
    """Kafka's `server.properties` for one node that is broker and controller at once."""
    return rendered(
        {
            "process.roles": "broker,controller",
            "node.id": NODE_ID,
            "controller.quorum.voters": f"{NODE_ID}@{CONTROLLER_HOST}:{ports.controller}",
            "listeners": f"PLAINTEXT://{host}:{ports.client},CONTROLLER://{CONTROLLER_HOST}:{ports.controller}",
            "advertised.listeners": f"PLAINTEXT://{host}:{ports.client}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": data,
            # A topic that nobody declared is a mistake, never a new topic.
            "auto.create.topics.enable": "false",
            "delete.topic.enable": "true",
            # One node cannot replicate.
            "offsets.topic.replication.factor": 1,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            # 50 partitions each by default: many open files for one machine's few groups.
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.num.partitions": 4,
            "share.coordinator.state.topic.num.partitions": 4,
            # Groups here start whole: waiting for further members only delays them.
            "group.initial.rebalance.delay.ms": 0,
            "num.network.threads": 2,
            "num.io.threads": 4,
        }
    )


def log_properties(log_file: Path) -> str:
    """Log4j's settings: warnings and milestones into one rolled file, the last few of which are kept."""
    return rendered(
        {
            "status": "warn",
            # Else logging ends before the broker has, and an orderly stop cannot be told from a torn one.
            "shutdownHook": "disable",
            "appender.file.type": "RollingFile",
            "appender.file.name": "file",
            "appender.file.fileName": log_file,
            "appender.file.filePattern": f"{log_file}.%i",
            "appender.file.layout.type": "PatternLayout",
            "appender.file.layout.pattern": "%d{ISO8601} %p %m (%c{1})%n",
            "appender.file.policies.type": "Policies",
            "appender.file.policies.size.type": "SizeBasedTriggeringPolicy",
            "appender.file.policies.size.size": f"{LOG_FILE_MB}MB",
            "appender.file.strategy.type": "DefaultRolloverStrategy",
            "appender.file.strategy.max": LOG_FILES_KEPT,
            "rootLogger.level": "info",
            "rootLogger.appenderRef.file.ref": "file",
        }
    )


def rendered(settings: Mapping[str, object]) -> str:
    """Java properties, one a line, in ASCII: Java reads these files as Latin-1 and backslashes as escapes."""
    return "".join(f"{key}={_escaped(str(value))}\n" for key, value in settings.items())


def _escaped(value: str) -> str:
    units = value.replace("\\", "\\\\").encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2))
    return "".join(chr(code) if code < ASCII_END else f"\\u{code:04x}" for code in codes)
