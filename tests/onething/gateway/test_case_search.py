from tests.onething.gateway.handled_hub import BUNDLE, LEAD, PLANS, USCC, Handled
from topics.identifiers import make_uscc

OTHER = make_uscc("91", "610100", 8)


def test_cases_are_found_and_named(handled: Handled) -> None:
    case_id = handled.opened()
    handled.opened(subject=OTHER)
    wanted = {"subject": USCC, "bundle": BUNDLE, "kind": "handling", "lead": LEAD}
    found = handled.http.get("/v1/cases", params=wanted).json()
    assert handled.http.get("/v1/cases?lead=tax").json()["cases"] == []
    (row,) = found["cases"]
    assert (row["case_id"], row["lead_name"]) == (case_id, "市市场监管局")
    assert row["bundle_name"].startswith("企业信息变更")
    assert row["links"]["self"] == f"/v1/applications/{case_id}"


def test_pages_follow_one_another(handled: Handled) -> None:
    ids = {handled.opened(), handled.opened(subject=OTHER)}
    first = handled.http.get("/v1/cases?page_size=1").json()
    second = handled.http.get("/v1/cases", params={"page_size": 1, "page": first["next_page"]}).json()
    assert {row["case_id"] for page in (first, second) for row in page["cases"]} == ids
    assert second["next_page"] is None


def test_the_lead_sees_all_items_and_others_their_part(handled: Handled) -> None:
    handled.opened(delivery={"means": "e-licence"})
    handled.approve_all()
    led = handled.http.get(f"/v1/departments/{LEAD}/cases?role=lead&state=").json()["cases"]
    part = handled.http.get("/v1/departments/tax/cases?role=part&state=").json()["cases"]
    assert [len(row["items"]) for row in led] == [6]
    assert [[item["item"] for item in row["items"]] for row in part] == [[PLANS[BUNDLE].item(4).code]]
    assert handled.http.get("/v1/departments/tax/cases?role=lead").json()["cases"] == []


def test_bad_evaluations_are_found(handled: Handled) -> None:
    case_id = handled.opened(delivery={"means": "e-licence"})
    handled.approve_all()
    handled.post(f"applications/{case_id}/evaluation", stars=3, evaluated_by="企业经办")
    assert handled.http.get("/v1/evaluations?most_stars=2").json()["evaluations"] == []
    assert len(handled.http.get("/v1/evaluations").json()["evaluations"]) == 1


def test_what_cannot_be_searched_for_is_told(handled: Handled) -> None:
    for query in (
        "subject=nobody",
        "bundle=x",
        "department=x",
        "lead=x",
        "state=x",
        "channel=x",
        "place=%00",
        "kind=odd",
        "due_before=soon",
        "page=~",
        "order=odd",
        "page_size=0",
    ):
        assert handled.http.get(f"/v1/cases?{query}").status_code == 422, query
    assert handled.http.get("/v1/departments/nobody/cases").status_code == 404
    together = handled.http.get("/v1/cases?bundle=x&department=y&state=z").json()
    assert [fault["field"] for fault in together["faults"]] == ["bundle", "department", "state"]
    assert handled.http.get("/v1/evaluations?most_stars=9").status_code == 422


def test_an_instant_may_be_written_in_both_ways(handled: Handled) -> None:
    for text in ("2026-11-22T08:00:00+08:00", "2026-11-22T08:00:00%2B08:00", "1790000000000000"):
        assert handled.http.get(f"/v1/cases?due_before={text}").status_code == 200
