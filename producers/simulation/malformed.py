"""Records that must be refused: a good draft with one fault planted, and the code of the refusal that it earns."""

from collections.abc import Callable
from random import Random
from typing import Final

import msgspec

from producers.simulation.drafts import Draft
from producers.simulation.planned import Planned

Plant = Callable[[Draft, Random], Draft]


def _subject(draft: Draft, uscc: str) -> Draft:
    return {**draft, "subject": {"kind": "enterprise", "id": uscc}}


def _mistyped(draft: Draft, stream: Random) -> Draft:
    uscc = draft["subject"]["id"]
    place = stream.randrange(8, 17)
    other = "2" if uscc[place] != "2" else "3"
    return _subject(draft, uscc[:place] + other + uscc[place + 1 :])


def _masked(draft: Draft, _stream: Random) -> Draft:
    uscc = draft["subject"]["id"]
    return _subject(draft, f"{uscc[:6]}{'*' * 8}{uscc[14:]}")


def _lower_case(draft: Draft, _stream: Random) -> Draft:
    return _subject(draft, draft["subject"]["id"].lower())


def _without_territory(draft: Draft, _stream: Random) -> Draft:
    return {**draft, "content": {name: value for name, value in draft["content"].items() if name != "territory"}}


def _unknown_state(draft: Draft, _stream: Random) -> Draft:
    return {**draft, "content": {**draft["content"], "state": "OK"}}


def _misspelt_field(draft: Draft, _stream: Random) -> Draft:
    return {**draft, "content": {**draft["content"], "teritory": draft["content"]["territory"]}}


def _other_department(draft: Draft, _stream: Random) -> Draft:
    other = "tax.tax-registration" if draft["source"] != "tax" else "court.bankruptcy-case"
    return {**draft, "resource": other}


def _far_future(draft: Draft, _stream: Random) -> Draft:
    return {**draft, "valid_at": "2999-01-01T00:00:00+08:00"}


PLANTS: Final[tuple[tuple[str, Plant], ...]] = (
    ("bad-subject", _mistyped),
    ("bad-subject", _masked),
    ("bad-subject", _lower_case),
    ("missing-field", _without_territory),
    ("not-controlled", _unknown_state),
    ("unknown-field", _misspelt_field),
    ("resource-of-another-department", _other_department),
    ("time-not-plausible", _far_future),
)
"""Code of the refusal and how it is earned."""

_BROKEN_SHARE: Final = 0.1
_CLEAR_NUMBER_SHARE: Final = 0.1
_TEXTS: Final = ("scope", "cause", "summary", "title", "reason")


def malformed(stream: Random, planned: Planned, resident_id: str) -> Planned:
    """A refusable variant of a good publication, under a record id of its own: nothing of it may reach an archive.

    Args:
        stream: decides which fault is planted.
        planned: a good publication.
        resident_id: a number that is planted in clear, where the fault is that.
    """
    source = planned.draft
    record_id = f"{source['record_id']}:refused"
    draft: Draft = {**source, "record_id": record_id}
    chance = stream.random()
    if chance < _BROKEN_SHARE:
        whole = msgspec.json.encode({**draft, "subject": {"kind": "enterprise", "id": "9161"}, "content": {}})
        return _refusable(planned, draft, "unreadable", raw=whole[: len(whole) // 2])
    text_field = next((name for name in _TEXTS if name in draft["content"]), None)
    if chance < _BROKEN_SHARE + _CLEAR_NUMBER_SHARE and text_field is not None:
        content = {**draft["content"], text_field: f"联系人证件号{resident_id}"}
        return _refusable(planned, {**draft, "content": content}, "personal-data-in-clear")
    code, plant = stream.choice([(code, plant) for code, plant in PLANTS if _fits(plant, draft)])
    return _refusable(planned, plant(draft, stream), code)


def _refusable(planned: Planned, draft: Draft, code: str, raw: bytes | None = None) -> Planned:
    return Planned("malformed", draft, planned.subject, planned.record_type, planned.topic, raw, code)


def _fits(plant: Plant, draft: Draft) -> bool:
    if plant in (_mistyped, _masked, _lower_case):
        uscc = draft["subject"]["id"]
        return draft["subject"]["kind"] == "enterprise" and (plant is not _lower_case or uscc != uscc.lower())
    content = draft["content"]
    if plant is _other_department:
        # A dispute is about its resource, and says so twice: it would earn another code.
        return "disputed_resource" not in content
    if plant is _unknown_state:
        return "state" in content
    if plant in (_without_territory, _misspelt_field):
        return "territory" in content
    return True
