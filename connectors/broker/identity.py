"""What a data directory remembers of its broker between starts, and whether its data may be opened."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from connectors.broker.errors import DataOfAnotherCluster, DataOfNewerVersion

NEWEST_META_VERSION = 1
"""The format of `meta.properties` that Kafka 4.3 writes."""


@dataclass(frozen=True)
class Identity:
    """The cluster of a data directory, the newest Kafka that wrote to it, and the ports it had last."""

    cluster_id: str
    kafka_version: str
    port: int
    controller_port: int


def read_identity(path: Path) -> Identity | None:
    """What the last start wrote; None before the first."""
    return Identity(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def write_identity(path: Path, identity: Identity) -> None:
    """Keep the identity for the next start; the file is whole at every moment."""
    write_whole(path, json.dumps(asdict(identity), indent=2))


def write_whole(path: Path, text: str) -> None:
    """Write a file that a reader sees complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def new_cluster_id() -> str:
    """A cluster id in Kafka's own form: 16 random bytes in 22 characters, the first of them no hyphen."""
    name = urlsafe_b64encode(uuid4().bytes).rstrip(b"=").decode()
    return name if not name.startswith("-") else new_cluster_id()


def read_meta(data: Path) -> Mapping[str, str] | None:
    """Kafka's `meta.properties` in its data folder; None when the folder was never formatted."""
    path = data / "meta.properties"
    if not path.exists():
        return None
    lines = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in lines if key.strip()}


def checked_cluster_id(data: Path, meta: Mapping[str, str], known: Identity | None, ours: str) -> str:
    """The cluster id of formatted data that Kafka `ours` may open.

    Raises DataOfNewerVersion, DataOfAnotherCluster.
    """
    if int(meta.get("version", "0")) > NEWEST_META_VERSION:
        raise DataOfNewerVersion(data, f"meta.properties version {meta['version']}", ours)
    if known is None:
        return meta["cluster.id"]
    if version_key(known.kafka_version) > version_key(ours):
        raise DataOfNewerVersion(data, known.kafka_version, ours)
    if known.cluster_id != meta["cluster.id"]:
        raise DataOfAnotherCluster(data, known.cluster_id, meta["cluster.id"])
    return known.cluster_id


def version_key(version: str) -> tuple[int, ...]:
    """A version such as "4.3.1" in the order of its numbers."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())
