import json
from datetime import date
from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from onething.gateway.case_ids import case_id_of_key
from onething.simulated_cases.casting import TooFewSubjects, Wishes, cast, city_of
from producers.simulation.cases.applicants import APPLICANT
from producers.simulation.cases.profile import load_case_profile

BUNDLES = (load_bundles()["newborn"], load_bundles()["enterprise-change"])
SUBJECTS = {
    "enterprise": tuple(f"enterprise:{n}" for n in range(40)),
    "person": tuple(f"person:{n}" for n in range(40)),
}


def wishes(count: int = 10, run: str = "run", http_share: float = 0.0, seed: int = 1) -> Wishes:
    return Wishes(BUNDLES, count, seed, run, load_case_profile(), http_share)


def test_the_same_wishes_draw_the_same_cast() -> None:
    assert cast(wishes(), SUBJECTS) == cast(wishes(), SUBJECTS)
    assert cast(wishes(), SUBJECTS) != cast(wishes(seed=2), SUBJECTS)


def test_another_run_has_other_case_ids_and_subjects_for_the_same_scripts() -> None:
    one, other = cast(wishes(), SUBJECTS).scripts, cast(wishes(run="other"), SUBJECTS).scripts
    assert [each.items for each in one] == [each.items for each in other]
    assert {each.case_id for each in one}.isdisjoint(each.case_id for each in other)
    assert [each.subject for each in one] != [each.subject for each in other]


def test_no_subject_applies_twice_for_a_bundle_and_each_is_of_its_kind() -> None:
    for bundle in BUNDLES:
        subjects = [each.subject for each in cast(wishes(40), SUBJECTS).scripts if each.bundle is bundle]
        assert len(set(subjects)) == len(subjects) == 40
        assert all(each.startswith(bundle.subject) for each in subjects)


def test_more_cases_than_subjects_are_refused_with_a_remedy() -> None:
    with pytest.raises(TooFewSubjects, match="41 cases of newborn") as refused:
        cast(wishes(41), SUBJECTS)
    assert "--count" in refused.value.remedy


def test_a_share_goes_over_http_under_the_id_that_the_gateway_gives_its_key() -> None:
    drawn = cast(wishes(30, http_share=0.5), SUBJECTS)
    assert 15 < len(drawn.keys) < 45
    assert {case_id_of_key(key, APPLICANT) for key in drawn.keys.values()} == set(drawn.keys)
    assert set(drawn.keys) <= {each.case_id for each in drawn.scripts}
    assert cast(wishes(), SUBJECTS).keys == {}


def test_the_city_is_the_one_that_was_published_last(tmp_path: Path) -> None:
    assert city_of(tmp_path).enterprise_count == 2000
    account = tmp_path / "simulation" / "account.json"
    account.parent.mkdir()
    told = {"enterprises": 30, "persons": 40, "seed": 9, "until": "2026-11-01", "rates": {}}
    account.write_text(json.dumps({"city": told}))
    city = city_of(tmp_path)
    assert (city.enterprise_count, city.person_count, city.seed, city.until) == (30, 40, 9, date(2026, 11, 1))
