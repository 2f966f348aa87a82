"""What a demand and a grant are: frozen data, times µs UTC, organisations and resources by their codes."""

from typing import Annotated, Final, Literal

import msgspec

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]

DemandState = Literal[
    "applied",
    "completing",
    "accepted",
    "decided",
    "granted",
    "delivered",
    "disposal-due",
    "disposed",
    "refused",
    "withdrawn",
]
Sharing = Literal["unconditional", "conditional", "withheld"]
Means = Literal["interface", "file", "database", "service", "matching"]
"""接口、文件、库表；``service`` and ``matching`` are the hub's own: it reads, and shows what follows from it."""

EVERYTHING: Final = "*"
"""Stands for every resource, field, reader or purpose; standing grants only."""


class ScopeOf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One resource with the fields of it that are asked for, by the names that its records carry."""

    resource: Code
    fields: tuple[Code, ...] = ()


class Subjects(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose data: of a kind; with ``listed`` only these, with ``territory`` only those registered in that division.

    ``territory`` is a prefix of the region code in a credit code (characters 3 to 8), so it holds for enterprises only.
    """

    kind: Literal["enterprise", "person", "any"] = "any"
    listed: tuple[Code, ...] = ()
    territory: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{0,6}$")] = ""


class Application(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A demand as it is applied for (Order 809, art. 20); what is left out is asked for once, never a reason to reject.

    ``basis`` are the legal bases in words or by id, ``readers`` the requester's accounts (empty: all of them), written
    ``<organisation>:<account>``; ``until`` is when the grant ends.
    """

    requester: Code
    provider: Code
    scope: tuple[ScopeOf, ...] = ()
    basis: tuple[Text, ...] = ()
    scenario: str = ""
    purpose: str = ""
    subjects: Subjects | None = None
    means: tuple[Literal["interface", "file", "database"], ...] = ()
    until: int | None = None
    readers: tuple[Code, ...] = ()


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a person of the provider decided; it holds once another person has reviewed it."""

    outcome: Literal["grant", "refuse"]
    decided_by: str
    at: int
    reason: str = ""
    withheld_basis: str = ""
    reviewed_by: str = ""


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """The reply's term was extended with consent, and the requester told; evidence by the ids of what shows it."""

    days: int
    evidence: tuple[str, ...]
    told: tuple[str, ...] = ()


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """How and when the provider delivered."""

    means: str
    reference: str
    delivered_by: str
    at: int


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What the requester keeps on record of a use (art. 29): the scenario, how it went, what came of it, where kept."""

    scenario: str
    process: str
    effect: str
    storage: str
    recorded_by: str
    at: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Of a disposal (销毁回执); ``number`` follows from everything else in it."""

    number: str
    demand: str
    grant: str
    method: str
    evidence: tuple[str, ...]
    disposed_by: str
    disposed_at: int
    records_until: int


class Dispute(msgspec.Struct, frozen=True, kw_only=True):
    """How far up the ladder of art. 28 a refusal was taken; ``outcome`` is empty until it was settled."""

    rung: str
    evidence: tuple[str, ...]
    at: int
    outcome: str = ""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """A demand as it stands; ``version`` counts its changes, ``missing`` is what it was asked once to complete.

    ``resources`` are those of ``scope``. ``records_until`` is the instant before which its records are not destroyed.
    """

    id: str
    version: int
    state: DemandState
    sharing: Sharing
    requester: str
    provider: str
    resources: tuple[str, ...]
    scope: tuple[ScopeOf, ...]
    basis: tuple[str, ...]
    scenario: str
    purpose: str
    subjects: Subjects | None
    means: tuple[str, ...]
    until: int | None
    readers: tuple[str, ...]
    applied_by: str
    applied_at: int
    missing: tuple[str, ...] = ()
    completion_asked_at: int | None = None
    decision: Decision | None = None
    extension: Extension | None = None
    grant: str = ""
    delivery: Delivery | None = None
    uses: tuple[Use, ...] = ()
    disposal_due_at: int | None = None
    receipt: Receipt | None = None
    ended_at: int | None = None
    records_until: int | None = None
    records_destroyed_at: int | None = None
    dispute: Dispute | None = None


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Who may read what of whom, for what, how, until when. What it grants never changes; it is issued and it ends.

    ``reader`` holds organisations and accounts; ``fields`` the fields of each resource. Of a grant that was compiled
    from a demand ``id`` is the digest of its content; a standing one (``demand`` is empty) is known by its name.
    """

    id: str
    demand: str
    demand_version: int
    reader: tuple[str, ...]
    resources: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]
    subjects: Subjects
    purpose: str
    means: tuple[str, ...]
    since: int
    until: int
    issued_by: str
    reason: str = ""
    state: Literal["issued", "ended"] = "issued"
    ended_at: int | None = None
    ended_by: str = ""
    end_reason: str = ""
