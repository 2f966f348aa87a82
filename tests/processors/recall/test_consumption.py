"""Who consumed a wrong value: everybody who did, and nobody else."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from processors.recall import Recall, WrongValue, consumptions
from topics.events import (
    ApplicationSubmitted,
    ArchiveRead,
    ChecksAnswered,
    CommitmentChecked,
    Event,
    ItemHandled,
    ReportIssued,
)
from topics.events.handling import Delivery, Place, SuppliedMaterial
from topics.events.verification import PartAnswer

SUBJECT, OTHER = "enterprise:A", "enterprise:B"
RESOURCE = "tax.tax-registration"
WRONG, RIGHT = "ab" * 16, "cd" * 16
APPEARED, DISPUTED, CORRECTED = 1_000, 5_000, 9_000
VALUE = WrongValue(
    subject=SUBJECT,
    resource=RESOURCE,
    record_id="R-1",
    field="name",
    event_ids=(WRONG,),
    appeared_at=APPEARED,
    disputed_at=DISPUTED,
    corrected_at=CORRECTED,
)
FILLS = {"restaurant-opening": frozenset({(RESOURCE, "name")}), "credit-repair": frozenset({(RESOURCE, "address")})}
ORGANISATIONS = frozenset({"health", "court", "tax"})
PLACE = Place(level="city", code="610100")


def read(at: int = 2_000, subject: str = SUBJECT, **more: Any) -> ArchiveRead:
    said: dict[str, Any] = {"reader": "health:张三", "purpose": "核对", "resources": (), "record_count": 1, **more}
    return ArchiveRead(event_id=bytes(16), subjects=(subject,), at=at, **said)


def submitted(at: int = 2_000, bundle: str = "restaurant-opening", **more: Any) -> ApplicationSubmitted:
    said: dict[str, Any] = {"subject": SUBJECT, "materials": (), "fields_filled": 3, "case_id": "case-1", **more}
    return ApplicationSubmitted(
        event_id=bytes(16),
        bundle=bundle,
        bundle_version=1,
        purpose="开办餐饮店",
        submitted_by="applicant",
        channel="online",
        mode="whole-online",
        received_at=PLACE,
        handled_at=PLACE,
        choices=(),
        fields_total=9,
        fields_shareable=3,
        delivery=Delivery(together=True, means="counter"),
        submitted_at=at,
        **said,
    )


def report(evidence: Sequence[str], at: int = 3_000, case: str = "case-7", revision: int = 1) -> ReportIssued:
    body = {
        "lead": {"code": "court", "name": "法院"},
        "requested_by": "court:李四",
        "purpose": "上市合规",
        "lines": [{"parts": [{"evidence": [], "subject": OTHER}, {"evidence": list(evidence), "subject": SUBJECT}]}],
    }
    return ReportIssued(
        event_id=bytes(16), case_id=case, revision=revision, kind="report", at=at, body=json.dumps(body)
    )


def recall(*events: Event, value: WrongValue = VALUE) -> Recall:
    return Recall(value=value, consumptions=consumptions(value, events, FILLS, ORGANISATIONS))


def kinds(*events: Event) -> list[str]:
    return [each.kind for each in recall(*events).consumptions]


def test_a_reader_is_named_with_department_purpose_case_and_grant() -> None:
    found = recall(read(grant_id="G-1"), read(3_000, reader="applicant", case_id="case-3"))
    assert (found.departments, found.grants, found.cases) == (("health",), ("G-1",), ("case-3",))
    assert [each.who for each in found.consumptions] == ["health:张三", "applicant"]


@pytest.mark.parametrize(
    "other",
    [
        read(subject=OTHER),
        read(at=APPEARED - 1),
        read(at=CORRECTED),
        read(as_of=APPEARED - 1),
        read(resources=("tax.penalty",)),
        read(refused_reason="授权不及于该主体"),
    ],
    ids=["other subject", "before", "after", "as of before", "other resource", "refused"],
)
def test_who_did_not_see_the_value_is_not_named(other: ArchiveRead) -> None:
    stranger = msgspec.structs.replace(other, reader="court:王五")
    assert recall(stranger, read()).departments == ("health",)


def test_what_still_stands_is_consumed_until_now() -> None:
    standing = msgspec.structs.replace(VALUE, corrected_at=None)
    assert recall(read(at=10**15), value=standing).consumptions


def test_who_read_it_marked_is_told_apart() -> None:
    assert [each.marked for each in recall(read(DISPUTED - 1), read(DISPUTED)).consumptions] == [False, True]


def test_a_report_that_rests_on_the_value_is_named_however_late_and_another_is_not() -> None:
    found = recall(report([WRONG]), report([RIGHT], case="case-8"), report([RIGHT, WRONG], at=99_000, revision=2))
    assert found.reports == (("case-7", 1), ("case-7", 2))
    assert found.departments == ("court",)


def test_answers_and_checks_of_promises_that_rest_on_it() -> None:
    part = PartAnswer(check_id="c", department="tax", subject=SUBJECT, answer="found", evidence=(WRONG,), coverage=())
    clear = msgspec.structs.replace(part, department="health", evidence=(RIGHT,))
    answered = ChecksAnswered(
        event_id=bytes(16), case_id="case-9", answered_by="archive-0", answered_at=3_000, answers=(part, clear)
    )
    checked = CommitmentChecked(
        event_id=bytes(16),
        case_id="case-10",
        department="health",
        material="m",
        kept=False,
        evidence=(WRONG,),
        checked_by="王五",
        at=4_000,
    )
    found = recall(answered, checked)
    assert [(each.kind, each.department, each.case) for each in found.consumptions] == [
        ("check", "tax", "case-9"),
        ("promise", "health", "case-10"),
    ]


def test_a_form_that_was_filled_with_it_names_its_case_and_who_read_or_decided_it() -> None:
    form = read(6_000, resources=("case.form",), case_id="case-1")
    decided = ItemHandled(
        event_id=bytes(16),
        case_id="case-1",
        assignment_id="a",
        department="tax",
        decision="approve",
        missing=(),
        results=(),
        handled_by="赵六",
        at=7_000,
    )
    others = (
        msgspec.structs.replace(form, case_id="case-2"),
        msgspec.structs.replace(decided, case_id="case-2", department="court"),
    )
    found = recall(*others, form, decided, submitted())
    assert [(each.kind, each.department) for each in found.consumptions] == [
        ("form", ""),
        ("form-read", "health"),
        ("decision", "tax"),
    ]
    assert found.cases == ("case-1",)


@pytest.mark.parametrize(
    "application",
    [
        submitted(DISPUTED),
        submitted(APPEARED - 1),
        submitted(bundle="credit-repair"),
        submitted(bundle="unknown"),
        submitted(subject=OTHER),
        submitted(fields_filled=0),
    ],
    ids=["marked by then", "before", "other value", "other bundle", "other subject", "nothing filled"],
)
def test_forms_that_were_not_filled_with_it(application: ApplicationSubmitted) -> None:
    assert not kinds(application)


def test_a_material_that_the_record_took_the_place_of() -> None:
    archive = SuppliedMaterial(material="m", means="archive", reference=WRONG)
    upload = SuppliedMaterial(material="m", means="upload", reference=WRONG)
    assert kinds(submitted(fields_filled=0, materials=(archive,))) == ["material"]
    assert not kinds(submitted(fields_filled=0, materials=(upload,)))


def test_order_and_repetition_of_events_change_nothing() -> None:
    events = [read(), report([WRONG]), submitted(), read(resources=("case.form",), case_id="case-1")]
    assert recall(*events) == recall(*reversed(events), *events)
