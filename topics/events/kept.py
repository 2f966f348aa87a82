"""What the hub keeps about its own work: who read what, what was refused and why."""

from topics.events.event import Event


class ArchiveRead(Event, frozen=True, kw_only=True):
    """档案读取: an archive was read for a purpose, or was not shown for ``refused_reason``."""

    reader: str
    purpose: str
    case_id: str | None = None
    grant_id: str | None = None
    subjects: tuple[str, ...]
    resources: tuple[str, ...]
    record_count: int
    as_of: int | None = None
    at: int
    refused_reason: str | None = None


class RecordRefused(Event, frozen=True, kw_only=True):
    """拒收记录: a record was refused, its bytes kept."""

    department: str
    door: str
    reasons: tuple[str, ...]
    received_at: int
    origin: str | None = None
    content_type: str
    sealed: bool
    key: bytes | None = None
    body: bytes


class RefusalSettled(Event, frozen=True, kw_only=True):
    """拒收记录处理: a refused record was mended and published, or put aside with a reason."""

    department: str
    refused_id: str
    outcome: str
    became: str | None = None
    receipt: str | None = None
    body_digest: bytes | None = None
    reason: str | None = None
    settled_by: str
    at: int
