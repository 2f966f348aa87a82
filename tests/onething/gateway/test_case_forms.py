from typing import Any

from catalog.items import load_items
from tests.onething.gateway.handled_hub import BUNDLE, LEAD, PLANS, USCC, Handled

FORM = {"enterprise-name": "西安某某有限公司", "tax-officer": "赵六", "seal-count": 2}


def _read(handled: Handled, case_id: str, department: str, **query: Any) -> Any:
    asked = {"department": department, "purpose": "经办", **query}
    return handled.http.get(
        f"/v1/applications/{case_id}/form", params=asked, headers={"X-Reader": "%E5%BC%A0%E4%B8%89"}
    )


def test_the_lead_reads_the_whole_form_and_the_read_is_on_record(handled: Handled) -> None:
    case_id = handled.opened(form=FORM, delivery={"means": "mail", "address": "某路1号"})
    shown = _read(handled, case_id, LEAD).json()
    assert {each["id"]: each["value"] for each in shown["fields"]} == FORM
    assert (shown["withheld"], shown["address"]) == (0, "某路1号")
    (read,) = handled.hub.reads
    assert (read.reader, read.purpose, read.case_id) == ("market-regulation:张三", "经办", case_id)
    assert (read.subjects, read.resources, read.record_count) == ((f"enterprise:{USCC}",), ("case.form",), 3)


def test_a_department_reads_the_fields_of_its_own_items_only(handled: Handled) -> None:
    items, form = load_items(), _every_field()
    case_id = handled.opened(form=form)
    handled.approve_all()
    plan = next(iter(handled.hub.handlings.values())).plan
    for item in plan.items:
        elaborated = items.by_code[item.code].elaborated
        assert elaborated is not None
        (department,) = item.departments
        shown = _read(handled, case_id, department).json()
        if department == LEAD:
            continue
        assert {each["id"] for each in shown["fields"]} == set(elaborated.fields)
        assert shown["withheld"] == len(form) - len(elaborated.fields) > 0
        assert shown["address"] is None


def test_nobody_else_reads_it(handled: Handled) -> None:
    case_id = handled.opened(form=FORM)
    refused = _read(handled, case_id, "water")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:onething:problem:not-your-case")
    assert _read(handled, case_id, "nobody").status_code == 404
    assert _read(handled, case_id, LEAD, purpose="").status_code == 422
    assert handled.hub.reads == []


def test_a_department_whose_turn_has_not_come_does_not_read_it_yet(handled: Handled) -> None:
    case_id = handled.opened(form=FORM)
    assert _read(handled, case_id, "tax").status_code == 403


def test_who_passed_an_item_on_reads_it_no_longer(handled: Handled) -> None:
    """A department to which an item had come by mistake could read the applicant's form for good."""
    case_id = handled.opened(form=_every_field())
    first = next(each for each in handled.hub.handlings[case_id].assignments if each.department == LEAD)
    for source, to, id_ in ((LEAD, "water", first.assignment_id), ("water", "tax", "")):
        one = id_ or handled.hub.handlings[case_id].assignments[-1].assignment_id
        body = {"decision": "pass-on", "pass_on_to": to, "reason": "不属于本部门", "handled_by": "甲"}
        handled.http.post(f"/v1/departments/{source}/assignments/{one}/decision", json=body)
        assert _read(handled, case_id, to).status_code == 200
    assert _read(handled, case_id, "water").status_code == 403


def test_nothing_is_shown_that_could_not_be_put_on_record(handled: Handled) -> None:
    case_id = handled.opened(form=FORM)
    handled.hub.is_down = True
    refused = _read(handled, case_id, LEAD)
    assert refused.status_code == 503
    assert "赵六" not in refused.text


def test_the_lead_reads_what_the_applicant_wrote(handled: Handled) -> None:
    case_id = handled.opened(delivery={"means": "e-licence"})
    query = {"department": LEAD, "purpose": "整改"}
    path = f"/v1/applications/{case_id}/evaluation"
    assert handled.http.get(path, params=query).status_code == 404
    handled.approve_all()
    handled.post(f"applications/{case_id}/evaluation", stars=1, comment="窗口无人", evaluated_by="企业经办")
    shown = handled.http.get(path, params=query)
    assert (shown.status_code, shown.json()["comment"]) == (200, "窗口无人")
    assert handled.hub.reads[-1].resources == ("case.evaluation",)
    assert handled.http.get(path, params=query | {"department": "tax"}).status_code == 403


def _every_field() -> dict[str, str]:
    """A value for each field that an item of the bundle asks for."""
    elaborated = (load_items().by_code[item.code].elaborated for item in PLANS[BUNDLE].items)
    return {field: "x" for each in elaborated if each for field in each.fields}
