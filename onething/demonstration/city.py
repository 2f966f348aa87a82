"""The made-up city's part: published, kept in archives, reckoned up against its account."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import httpx2

from catalog.resources import load_resources
from onething.commands.simulate import publish_simulation
from onething.demonstration.telling import Story
from onething.gateway.client import HubClient
from onething.settings import Settings
from producers.simulation.account import written
from producers.simulation.publication import Published
from producers.simulation.simulate import Simulation
from producers.simulation.truth import ArchiveCounts
from topics.declarations import FACT_FAMILIES

CATCH_UP_S: Final = 90.0
LOOK_S: Final = 0.05
READ_S: Final = 5.0
CHECKED: Final = 100
"""Archives that are read one by one and counted."""

Positions = Mapping[str, Mapping[str, int]]


class NotCaughtUp(Exception):  # noqa: N818  the name is the fact
    """A replica did not reach the end of what was published in time."""


class AccountDiffers(Exception):  # noqa: N818  the name is the fact
    """Archives are not what the account says."""


def publish(story: Story, settings: Settings, city: tuple[int, int, int, date]) -> Published:
    """Publish the city's facts; its account is written beside the reports."""
    started = time.monotonic()
    published = publish_simulation(settings, Simulation(*city))
    took_s = time.monotonic() - started
    total = published.accepted + published.refused
    kinds = "，".join(f"{kind} {count:,}" for kind, count in published.account.publications.items())
    story.tell(f"共 {total:,} 条，{total / took_s:,.0f} 条/秒 (records per second): {kinds}")
    story.tell(f"入日志 accepted {published.accepted:,}；拒收并留存 refused and kept {published.refused:,}")
    place = settings.data_dir / "reports" / "city-account.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(written(published.account))
    story.tell(f"账目 account: {place}")
    if published.surprises:
        raise AccountDiffers(f"publications that came to something else than planned: {published.surprises[:3]}")
    return published


def await_archives(story: Story, urls: list[str], published: Published) -> None:
    """Wait until every replica has folded what was published."""
    ends = {
        (topic, str(partition)): span.last_offset
        for topic, spans in published.receipts.items()
        for partition, span in spans.items()
    }
    started = time.monotonic()
    for url in urls:
        state = await_positions(url, ends)
        story.tell(f"{url}: {state['facts_kept']:,} 条事实 facts，落后 lag {state['lag']}")
    story.tell(f"发布后 {time.monotonic() - started:.2f} s 全部归档 (archived after publishing ended)")


def await_positions(url: str, ends: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """Wait until a replica has folded these (topic, partition) → offset; how it stands then.

    Topics that are no facts are not waited for.

    Raises:
        NotCaughtUp: not within ``CATCH_UP_S``.
    """
    wanted = {where: end for where, end in ends.items() if where[0].partition(".")[0] in FACT_FAMILIES}
    deadline = time.monotonic() + CATCH_UP_S
    while True:
        state: dict[str, Any] = httpx2.get(f"{url}/v1/positions", timeout=READ_S, trust_env=False).json()
        if not _behind(state["positions"], wanted):
            return state
        if time.monotonic() > deadline:
            raise NotCaughtUp(f"{url} is still {_behind(state['positions'], wanted)} partitions behind")
        time.sleep(LOOK_S)


def _behind(positions: Positions, wanted: Mapping[tuple[str, str], int]) -> int:
    return sum(positions.get(topic, {}).get(partition, 0) <= last for (topic, partition), last in wanted.items())


def reckon(story: Story, client: HubClient, published: Published) -> None:
    """Read archives one by one and count them against the account.

    Raises:
        AccountDiffers: at least one is not as the account says.
    """
    subjects = published.account.subjects
    step = max(1, len(subjects) // CHECKED)
    chosen = dict(list(subjects.items())[::step])
    wrong = [text for subject, expected in chosen.items() if (text := difference(client, subject, expected))]
    if wrong:
        raise AccountDiffers("\n".join(wrong[:5]))
    facts = sum(each.facts for each in subjects.values())
    story.tell(f"账上 by the account: {len(subjects):,} 个主体 subjects, {facts:,} 条不同事实 different facts")
    story.tell(f"抽查 {len(chosen):,} 份档案，逐条相符 (archives read and counted: all as the account says)")


def difference(client: HubClient, subject: str, expected: ArchiveCounts) -> str:
    """How an archive differs from its account; empty when it does not."""
    query = [("purpose", "演示对账"), ("grant", "demonstration")]
    got = counted(client.archive(subject, query, 10)["records"])
    return "" if got == expected else f"{subject}: expected {expected}, got {got}"


def counted(records: list[dict[str, Any]]) -> ArchiveCounts:
    """The counts of an archive as it was read."""
    return ArchiveCounts(
        records=len(records),
        withdrawn=sum(record["withdrawn"] for record in records),
        disputed=sum(record["disputed"] for record in records),
        facts=sum(1 + len(record["history"]) + len(record["rivals"]) for record in records),
    )


def show_archive(story: Story, client: HubClient, subject: str) -> None:
    """What an archive holds, by kind of record."""
    archive = client.archive(subject, [("purpose", "演示"), ("grant", "demonstration")], 10)
    names = load_resources().record_types
    kinds = Counter(record["record_type"] for record in archive["records"])
    told = "，".join(f"{names[kind].name if kind in names else kind} {count}" for kind, count in kinds.most_common())
    counts = counted(archive["records"])
    story.tell(
        f"{counts.records} 条记录 records（{counts.facts} 条事实 facts，{counts.disputed} 条存争议 disputed）：{told}"
    )
    last = max(archive["records"], key=lambda record: record["known_at"])
    origin = last["provenance"]
    story.tell(
        f"出处 provenance, e.g.: {last['record_id']} ← {origin['topic']}/{origin['partition']}/{origin['offset']}"
    )
    if archive["missing"]:
        story.tell(f"缺 missing: {'；'.join(each['reason'] for each in archive['missing'][:3])}")
