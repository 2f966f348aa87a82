"""Complaints at the city's hotlines on the log: taken, and closed."""

from topics.events.event import Event


class HotlineComplaintReceived(Event, frozen=True, kw_only=True):
    """热线诉求登记: a hotline took a complaint, or handed one over."""

    complaint_id: str
    channel: str
    kind: str
    category: str
    case_id: str | None = None
    item: str | None = None
    bundle: str | None = None
    department: str | None = None
    district: str | None = None
    received_at: int
    text: bytes | None = None
    made_up: bool


class HotlineComplaintClosed(Event, frozen=True, kw_only=True):
    """热线诉求办结: a complaint was closed, and what handling it found it to be about."""

    complaint_id: str
    outcome: str
    satisfied: bool | None = None
    case_id: str | None = None
    item: str | None = None
    bundle: str | None = None
    department: str | None = None
    closed_at: int
    made_up: bool
