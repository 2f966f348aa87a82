"""The hub on one page: every processor, what it reads and what it writes, in the order in which the data meets them.

``<dept>`` stands for each department. A test holds this table against the declared topics, so that nothing is
written that nobody declared, and nothing is declared that nobody writes.
"""

from dataclasses import dataclass
from typing import Final

FACTS: Final = (
    "licence.<dept>",
    "registration.<dept>",
    "verification.<dept>",
    "coverage.<dept>",
    "correction.<dept>",
)


@dataclass(frozen=True)
class Processor:
    """One step of the flow.

    Attributes:
        name: what it is called.
        place: the package that holds it.
        process: the process that runs it, ``any`` for a library in the publisher's own process.
        reads: families of topics.
        writes: families of topics.
        keeps: its state, and where; empty when it has none.
    """

    name: str
    place: str
    process: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    keeps: str = ""


FLOW: Final = (
    Processor("schema registry", "catalog.registry", "registry", ("_schemas",), ("_schemas",)),
    Processor(
        "register",
        "catalog.register",
        "catalog",
        ("_schemas",),
        ("catalog.changes",),
        "organisations, systems, resources, demands, grants, duties, lists, corrections and the outbox as rows in SQL",
    ),
    Processor("publisher", "producers.publisher", "any", ("_schemas",), (*FACTS, "rejected.<dept>")),
    Processor("HTTP intake", "producers.intake", "gateway", ("_schemas",), (*FACTS, "rejected.<dept>")),
    Processor(
        "archive view",
        "processors.archive.view",
        "archive",
        (*FACTS, "_schemas"),
        ("rejected.<dept>", "live.counts"),
        "every fact by subject and record, and the positions read, in one RocksDB",
    ),
    Processor("archive reader", "processors.archive.http", "archive", ("catalog.changes",), ("access.reads",)),
    Processor("verification door", "onething.gateway", "gateway", (), ("case.requests",)),
    Processor("application door", "onething.gateway", "gateway", (), ("case.requests",)),
    Processor(
        "refused records",
        "producers.refused",
        "gateway",
        ("rejected.<dept>", "refusals.settled"),
        (*FACTS, "rejected.<dept>", "refusals.settled"),
        "what was refused and what became of it, without the bytes, and the positions read, in one SQLite",
    ),
    Processor("hotline door", "onething.gateway", "gateway", (), ("hotline",)),
    Processor(
        "coordinator",
        "processors.coordinator",
        "coordinator",
        ("case.requests", "case.answers.<dept>", "case.timers"),
        (
            "case.checks",
            "case.tasks.<dept>",
            "case.timers",
            "case.updates",
            "case.notices",
            "case.payments",
            "supervision",
            "reports",
            "rejected.<dept>",
            "live.counts",
        ),
        "cases, inboxes, reports and the outbox as rows in SQL",
    ),
    Processor(
        "check answerer",
        "processors.archive.answering",
        "archive",
        ("case.checks",),
        ("case.answers.<dept>", "access.reads"),
    ),
    Processor("payments", "onething.gateway", "gateway", ("case.payments",), ("case.answers.<dept>",)),
    Processor(
        "follower",
        "processors.following",
        "follower",
        ("licence.<dept>", "registration.<dept>", "verification.<dept>", "supervision"),
        (
            "case.answers.<dept>",
            "licence.<dept>",
            "registration.<dept>",
            "rejected.<dept>",
        ),
    ),
    Processor(
        "marks",
        "processors.marking",
        "follower",
        ("catalog.changes",),
        ("correction.<dept>", "rejected.<dept>"),
    ),
    Processor(
        "recall",
        "processors.recall",
        "catalog",
        ("case.requests", "access.reads", "case.answers.<dept>", "reports"),
        (),
    ),
    Processor("policy door", "processors.policies", "archive", (), ("access.reads",)),
    Processor(
        "policies told",
        "processors.policies",
        "follower",
        ("licence.<dept>", "registration.<dept>", "verification.<dept>", "case.notices"),
        ("case.requests", "case.notices"),
        "none: the log of notices says what was told",
    ),
    Processor("department inbox", "onething.gateway", "gateway", (), ("case.answers.<dept>",)),
    Processor("department system", "topics.codec", "any", ("case.tasks.<dept>",), ("case.answers.<dept>",)),
    Processor(
        "live figures",
        "processors.live",
        "live",
        ("live.counts", "rejected.<dept>"),
        ("live.counts",),
        "none: windows and source health are folded anew from the log",
    ),
    Processor(
        "lake writer",
        "analytics.lake",
        "lake",
        (
            *FACTS,
            "rejected.<dept>",
            "refusals.settled",
            "case.requests",
            "case.updates",
            "case.tasks.<dept>",
            "case.answers.<dept>",
            "case.notices",
            "case.payments",
            "supervision",
            "reports",
            "access.reads",
            "catalog.changes",
            "hotline",
        ),
        (),
        "every event as a row of a Parquet table, and the positions read, in the tables' own commits",
    ),
    Processor(
        "analysts",
        "analytics.door",
        "analyst",
        (),
        (),
        "none of record: the lake is read as Parquet; what is computed from it can be computed again",
    ),
    Processor("news of cases", "onething.gateway", "gateway", ("case.updates", "reports"), ()),
)
