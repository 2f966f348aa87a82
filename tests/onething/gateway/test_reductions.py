from tests.onething.gateway.handled_hub import BUNDLE, BUNDLES, LEAD, Handled


def test_what_a_case_took_is_set_beside_what_it_took_before(handled: Handled) -> None:
    nothing = handled.http.get(f"/v1/bundles/{BUNDLE}/savings").json()
    assert (nothing["count"], nothing["days"]["median"]) == (0, None)
    handled.opened(delivery={"means": "e-licence"}, materials=[{"id": "application-statement"}])
    handled.approve_all()
    saving = handled.http.get(f"/v1/bundles/{BUNDLE}/savings").json()
    before = BUNDLES[BUNDLE].baseline
    assert before is not None
    assert (saving["count"], saving["steps"]["median"], saving["trips"]["median"]) == (1, 1.0, 0.0)
    assert (saving["materials"]["median"], saving["materials"]["before"]) == (1.0, before.materials)
    assert handled.http.get("/v1/bundles/savings").json()["savings"] == [saving]


def test_evaluations_are_counted_by_bundle_and_by_lead(handled: Handled) -> None:
    assert handled.http.get("/v1/evaluations/counts").json() == {"evaluations": []}
    case_id = handled.opened(delivery={"means": "e-licence"})
    handled.approve_all()
    handled.post(f"applications/{case_id}/evaluation", stars=1, evaluated_by="企业经办")
    (of_bundle,) = handled.http.get("/v1/evaluations/counts").json()["evaluations"]
    (of_lead,) = handled.http.get("/v1/evaluations/counts?by=lead").json()["evaluations"]
    assert (of_bundle["bundle"], of_bundle["bad_cases"]) == (BUNDLE, [case_id])
    assert (of_lead["lead"], of_lead["name"], of_lead["bad"]) == (LEAD, "市市场监管局", 1)


def test_an_unknown_bundle_has_no_figures(handled: Handled) -> None:
    assert handled.http.get("/v1/bundles/no-such/savings").status_code == 404
    assert handled.http.get("/v1/bundles/savings?begin=soon").status_code == 422
