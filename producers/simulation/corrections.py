"""Corrections: records withdrawn by their source, values disputed, disputes ended."""

from random import Random
from typing import Final

from catalog.resources import Resource
from producers.simulation.calendar import HOUR_US, office_hour
from producers.simulation.drafts import Draft, Life, changed, draft

_WITHDRAWN_SHARE: Final = 0.003
_DISPUTED_SHARE: Final = {"penalty": 0.12, "other": 0.002}
_ENDED_SHARE: Final = 0.55
_OUTCOMES: Final = ("mark-removed", "undeterminable")
_CORRECTED_SHARE: Final = 0.4
_REASONS: Final = ("当事人称未收到决定书", "金额与缴款凭证不符", "主体名称相同，疑似错配", "已整改完毕，状态未更新")
#: The record of who a subject is stays: everything else hangs on it.
_NEVER: Final = ("enterprise-registration", "person-registration")

About = tuple[str, dict[str, str], str]
"""Resource, subject and record id of a dispute."""


def corrections(stream: Random, resource: Resource, life: Life, day: int, until: int) -> Life:
    """What corrects a record whose last fact lies on ``day``, before the day ``until``: mostly nothing."""
    chances = [stream.random() for _ in range(2)]
    if resource.record_type in _NEVER or day + 3 >= until:
        return []
    if chances[0] < _WITHDRAWN_SHARE:
        return [_withdrawn(stream, resource, life[-1], stream.randrange(day + 1, until))]
    share = _DISPUTED_SHARE["penalty" if resource.domain else "other"]
    if chances[1] < share:
        return _dispute(stream, resource, life[-1], day, until)
    return []


def _withdrawn(stream: Random, resource: Resource, record: Draft, day: int) -> Draft:
    at = office_hour(stream, day)
    content = {"reason": "数源核对：该记录属误报"}
    event_type = f"{resource.family.capitalize()}Withdrawn"
    return draft(event_type, resource.code, record["subject"], record["record_id"], at, content)


def _dispute(stream: Random, resource: Resource, record: Draft, day: int, until: int) -> Life:
    # Half of what is still open was disputed in the last days: so that some archives show a mark.
    marked = stream.randrange(max(day + 1, until - 60), until)
    disputed = {
        "disputed_resource": resource.code,
        "disputed_record_type": resource.record_type,
        "disputed_record_id": record["record_id"],
    }
    dispute_id = f"dispute:{record['record_id']}"
    about = (resource.code, record["subject"], dispute_id)
    opened = {**disputed, "field": None, "reason": stream.choice(_REASONS)}
    facts = [draft("ValueDisputed", *about, office_hour(stream, marked), opened)]
    ended = marked + stream.randrange(2, 20)
    if stream.random() < _ENDED_SHARE and ended < until:
        facts += _end(stream, record, about, disputed, ended)
    return facts


def _end(stream: Random, record: Draft, about: About, disputed: dict[str, str], day: int) -> Life:
    """The dispute's end; a decision found wrong is revoked by its source just before."""
    at = office_hour(stream, day)
    outcome, facts = stream.choice(_OUTCOMES), []
    if record["content"].get("state") == "in-force" and stream.random() < _CORRECTED_SHARE:
        outcome, facts = "corrected", [changed(record, "PenaltyRepaired", at - HOUR_US, state="revoked")]
    end = {**disputed, "outcome": outcome, "reason": "经核实，处理完毕"}
    return [*facts, draft("DisputeEnded", *about, at, end)]
