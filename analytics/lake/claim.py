"""Whose lake it is: the cluster and the topics whose offsets its positions are.

An offset means nothing in another cluster, nor in a topic that was deleted and made again. A lake that was filled from
one is refused for another, whole, with the remedy.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from analytics.lake.location import Location

CLAIM: Final = "claim.json"


class ClaimedTopic(msgspec.Struct, frozen=True):
    """A topic as it was when its first record came into the lake: its id, and its partitions by now."""

    id: str
    partitions: int


class Claim(msgspec.Struct, frozen=True):
    """The cluster and topics of a lake."""

    cluster_id: str
    topics: dict[str, ClaimedTopic]


class LakeOfAnotherClusterError(Exception):
    """The lake was filled from another cluster, or from topics that were deleted and made again."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"数据湖 {where} 属于另一个集群或主题 (the lake is of another cluster or topic): {what}")
        self.remedy = (
            f"换一个 lake.url，或移走 {where} 后重新启动：全部数据从日志重建 "
            f"(set another lake.url, or move {where} away and start again: everything is read from the log anew)"
        )


def read_claim(location: Location) -> Claim | None:
    """Whose lake it is, None when nobody has filled it yet."""
    said = location.read(CLAIM)
    return None if said is None else msgspec.json.decode(said, type=Claim)


def claimed(known: Claim | None, cluster_id: str, topics: Mapping[str, ClaimedTopic], where: str) -> Claim:
    """The claim with these topics of this cluster in it.

    Raises:
        LakeOfAnotherClusterError: it is another cluster's, or a topic is not the one that it was.
    """
    if known is None:
        return Claim(cluster_id, dict(topics))
    if known.cluster_id != cluster_id:
        raise LakeOfAnotherClusterError(where, f"cluster {known.cluster_id} ≠ {cluster_id}")
    changed = [name for name, topic in topics.items() if name in known.topics and known.topics[name].id != topic.id]
    if changed:
        raise LakeOfAnotherClusterError(where, f"topics {', '.join(sorted(changed))}")
    return Claim(cluster_id, {**known.topics, **topics})


def claim(location: Location, cluster_id: str, topics: Mapping[str, ClaimedTopic]) -> Claim:
    """Claim the lake for these topics of this cluster; the same again writes nothing.

    Raises:
        LakeOfAnotherClusterError: as ``claimed``.
    """
    known = read_claim(location)
    fresh = claimed(known, cluster_id, topics, location.url)
    if fresh != known:
        location.write(msgspec.json.encode(fresh), CLAIM)
    return fresh
