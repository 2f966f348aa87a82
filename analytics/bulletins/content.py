"""A month's bulletin as data: what XLSX, PDF and HTTP show alike. Shares are parts of 1; None is what nobody stated."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

CITY: Final = ""
"""The page of the city's whole, where a department's code is expected."""


class RateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A rate on the last day of the month; ``city`` is the whole city's value, ``change`` since the month before."""

    id: str
    version: int
    name: str
    value: float | None
    numerator: float
    denominator: float
    city: float | None
    change: float | None
    target: float | None
    target_by: str | None
    met: bool | None
    better: str
    why_null: str | None
    twin: str | None
    twin_value: float | None


class EntryLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger; ``slippage`` is how much less is done than was planned."""

    id: str
    document: str
    kind_name: str
    number: int | None
    name: str
    leads: str
    lead_codes: tuple[str, ...]
    state: str
    state_name: str
    due: str | None
    planned: float | None
    done: float | None
    slippage: float | None
    days_late: int
    open_problems: int


class DutyLine(msgspec.Struct, frozen=True, kw_only=True):
    """A duty of the legal clock that was overdue when the month ended."""

    id: str
    kind_name: str
    about: str
    department: str
    department_name: str
    due: str
    working_days_late: int
    basis: str


class WaitLine(msgspec.Struct, frozen=True, kw_only=True):
    """Where cases wait: a department or an item; days are working days, hours calendar ones."""

    key: str
    name: str
    ended: int
    open: int
    waiting_hours_p50: float
    waiting_hours_p90: float
    working_days_p50: float | None
    working_days_p90: float | None
    overdue: int
    overdue_share: float | None
    supplements: int
    passed_on: int
    refused: int
    bad: int
    complaints: int


class StepLine(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle's slowest step."""

    bundle: str
    name: str
    lead: str
    lead_name: str
    cases: int
    median_days: float
    step: str
    step_median_days: float
    share: float


class ResourceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A data resource that would raise the bundles' success."""

    resource: str
    name: str
    department: str
    department_name: str
    gain: int
    alone: int
    touched: int
    causes: str


class EvaluationLine(msgspec.Struct, frozen=True, kw_only=True):
    """Evaluations of the cases that a department leads."""

    department: str
    name: str
    count: int
    mean_stars: float
    good_share: float
    bad: int
    answered_in_time: int
    overdue: int


class ReductionLine(msgspec.Struct, frozen=True, kw_only=True):
    """四减 of a bundle: each (before, median); before is None where it is unstated."""

    bundle: str
    name: str
    lead: str
    count: int
    steps: tuple[int | None, float]
    days: tuple[int | None, float]
    materials: tuple[int | None, float]
    trips: tuple[int | None, float]


class ComplaintCount(msgspec.Struct, frozen=True, kw_only=True):
    """Grievances at the hotlines in the month: how many, what about, how linked, how many are made up."""

    total: int
    linked: int
    inferred: int
    made_up: int
    categories: tuple[tuple[str, int], ...]


class DataServed(msgspec.Struct, frozen=True, kw_only=True):
    """Cases that began in the month, and those that data served without anything in the way."""

    cases: int
    served: int
    would_be_served: int
    not_by_data: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A page: of the city's whole (code ``""``) or of a department."""

    code: str
    name: str
    paragraphs: tuple[str, ...]
    rates: tuple[RateLine, ...]
    entries: tuple[EntryLine, ...]
    entry_states: Mapping[str, int]
    duties: tuple[DutyLine, ...]
    departments: tuple[WaitLine, ...]
    items: tuple[WaitLine, ...]
    steps: tuple[StepLine, ...]
    resources: tuple[ResourceLine, ...]
    evaluations: tuple[EvaluationLine, ...]
    reductions: tuple[ReductionLine, ...]
    complaints: ComplaintCount
    live_url: str


class Footing(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures rest on.

    Attributes:
        definitions: (name, id and version) of every definition used.
        positions: (topic, partition, next offset) of the lake at the end of the day, and ``positions_digest`` of them.
    """

    definitions: tuple[tuple[str, str], ...]
    positions: tuple[tuple[str, int, int], ...]
    positions_digest: str


class Bulletin(msgspec.Struct, frozen=True, kw_only=True):
    """The bulletin of a month as of its last day; ``provisional``: that day is not over, figures still move."""

    month: str
    title: str
    issuer: str
    addressees: str
    plan: str
    as_of: date
    provisional: bool
    city: Page
    departments: tuple[Page, ...]
    data_served: DataServed
    footing: Footing

    def page(self, code: str) -> Page | None:
        """The page of a department, or of the city's whole; None where there is none."""
        return next((each for each in (self.city, *self.departments) if each.code == code), None)
