from pathlib import Path
from typing import TYPE_CHECKING, Any

import cel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bundles import BUNDLES_FOLDER, Bundle, load_bundles
from catalog.definitions import DefinitionFaultsError
from catalog.organisations import load_organisations
from catalog.resources import load_resources

if TYPE_CHECKING:
    from tests.catalog.conftest import AnnexRow

BUNDLES = load_bundles()
LISTING = BUNDLES["listing-compliance"]
PENALTIES = "urban-management.administrative-penalty"


def test_the_listing_bundle_has_17_checks_by_16_departments() -> None:
    assert len(LISTING.checks) == 17
    assert len(LISTING.departments) == 16
    assert len(LISTING.items) == 18
    assert [check.id for check in LISTING.checks if len(check.departments) > 1] == ["construction"]


def test_the_listing_bundle_reads_as_the_source_does(city_rows: list["AnnexRow"], city_plan: str) -> None:
    """Item for item and unit for unit, in the source's order; the star stands with the lead."""
    rows = [row for row in city_rows if (row.annex, row.number) == (LISTING.annex, LISTING.number)]
    organisations = load_organisations()
    assert LISTING.name == rows[0].bundle
    assert LISTING.document in city_plan.splitlines()
    assert LISTING.stage in city_plan.replace(" ", "")
    assert rows[0].unit == "★" + organisations.by_code[LISTING.lead].name
    assert [(item.number, item.text) for item in LISTING.items] == [(at, row.item) for at, row in enumerate(rows, 1)]
    for item, row in zip(LISTING.items, rows, strict=True):
        assert tuple(organisations.by_code[code].name for code in item.departments) == row.units


def test_intake_and_delivery_are_the_leads() -> None:
    intake = LISTING.items[0]
    assert (intake.kind, intake.departments, intake.answerers) == ("intake-and-delivery", (LISTING.lead,), ())


def test_parameters_have_defaults_and_bounds() -> None:
    assert (LISTING.look_back_years.default, LISTING.deadline_s.default) == (3, 60)
    assert LISTING.deadline_s.refusal(30) is None
    assert LISTING.deadline_s.refusal(29) == "29 is outside 30 to 86400"


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES.keys())
def test_whatever_a_bundle_names_exists_and_its_rules_run(bundle: Bundle) -> None:
    assert bundle.lead in load_organisations().by_code
    assert set(bundle.departments) <= set(load_organisations().by_code)
    assert set(bundle.resources) <= set(load_resources().by_code)
    for check in bundle.checks:
        for answerer in check.answerers:
            assert cel.compile(answerer.rule).execute(asked([])) == []


def test_every_listing_answer_reads_its_departments_penalties() -> None:
    """Each answerer reads exactly one resource of penalties, and no two answerers read the same."""
    resources = load_resources()
    penalties = [
        code
        for check in LISTING.checks
        for answerer in check.answerers
        for code in answerer.resources
        if resources.by_code[code].record_type == "administrative-penalty"
    ]
    assert len(penalties) == len(set(penalties)) == sum(len(check.answerers) for check in LISTING.checks) == 18


def asked(records: list[dict[str, Any]], territory: str = "") -> dict[str, Any]:
    return {"records": records, "since": 1000, "until": 2000, "territory": territory}


def record(event_id: str, resource: str = PENALTIES, *, withdrawn: bool = False, **content: object) -> dict[str, Any]:
    penalty = {"state": "in-force", "decided_at": 1500, "territory": "610112", "amount_fen": None, "repaired_at": None}
    return {
        "event_id": event_id,
        "resource": resource,
        "record_type": "administrative-penalty",
        "record_id": event_id,
        "version": 1,
        "valid_at": 1500,
        "withdrawn": withdrawn,
        "content": {} if withdrawn else penalty | content,
    }


def found(check: str, records: list[dict[str, Any]], territory: str = "") -> list[str]:
    rules = next(each.answerers[0].rule for each in LISTING.checks if each.id == check)
    return list(cel.compile(rules).execute(asked(records, territory)))


def test_a_penalty_counts_within_the_look_back_while_it_is_in_force() -> None:
    records = [
        record("in"),
        record("first", decided_at=1000),
        record("too-old", decided_at=999),
        record("too-new", decided_at=2000),
        record("repaired", state="repaired", repaired_at=1600),
        record("revoked", state="revoked"),
        record("withdrawn", withdrawn=True),
        record("another", resource="ecology.administrative-penalty"),
    ]
    assert found("urban-management", records) == ["in", "first"]


@pytest.mark.parametrize(("territory", "count"), [("", 2), ("61", 2), ("6101", 1), ("610112", 1), ("6103", 0)])
def test_territory_narrows_by_the_leading_digits(territory: str, count: int) -> None:
    records = [record("city"), record("county", territory="610500")]
    assert len(found("urban-management", records, territory)) == count


def test_a_listing_counts_however_old_while_it_stands() -> None:
    listing = "market-regulation.serious-dishonesty"
    records = [
        record("old", listing, decided_at=1),
        record("lifted", listing, decided_at=1, state="repaired"),
        record("later", listing, decided_at=2000),
        record("penalty-too-old", "market-regulation.administrative-penalty", decided_at=1),
        record("property", "market-regulation.ip-penalty"),
    ]
    assert found("market-regulation", records) == ["old"]
    assert found("intellectual-property", records) == ["property"]


def test_arrears_count_until_they_are_paid() -> None:
    payments = "housing-fund.housing-fund-payment"
    records = [record("owed", payments, outcome="欠缴"), record("paid", payments, outcome="正常")]
    assert found("housing-fund", records) == ["owed"]


records_of_any_kind = st.builds(
    record,
    st.uuids().map(str),
    st.sampled_from([PENALTIES, "ecology.administrative-penalty"]),
    withdrawn=st.booleans(),
    state=st.sampled_from(["in-force", "repaired", "revoked"]),
    decided_at=st.integers(990, 2010),
    territory=st.sampled_from(["610112", "610100", "610500", "110101"]),
)


@given(st.lists(records_of_any_kind, max_size=12), st.sampled_from(["", "6101", "610112"]))
def test_the_penalty_rule_agrees_with_the_same_words_in_python(records: list[dict[str, Any]], territory: str) -> None:
    expected = [
        each["event_id"]
        for each in records
        if each["resource"] == PENALTIES
        and not each["withdrawn"]
        and each["content"]["state"] == "in-force"
        and 1000 <= each["content"]["decided_at"] < 2000
        and each["content"]["territory"].startswith(territory)
    ]
    assert found("urban-management", records, territory) == expected


def test_the_faults_of_all_files_are_named_with_their_places(tmp_path: Path) -> None:
    text = (BUNDLES_FOLDER / "listing-compliance.toml").read_text(encoding="utf-8")
    for good, bad in (
        ('lead = "industry-and-information"', 'lead = "industry"'),
        ("default = 60\nminimum = 30", "default = 10\nminimum = 20"),
        ("number = 3\n", "number = 30\n"),
        ('id = "labour"\n', ""),
        ('id = "ecology"\n', 'id = "water"\n'),
        ('department = "health"\nreads', 'department = "hospital"\nreads'),
        ('"science.administrative-penalty", rule = "penalty-in-force"', '"science.penalty", rule = "penalty"'),
        ('department = "transport"', 'department = "transport"\nmode = "ask"'),
        (
            'housing-fund-payment", rule = "payment-in-arrears", coverage_max_age_days = 45',
            'housing-fund-loan", rule = "payment-in-arrears", coverage_max_age_days = 3',
        ),
    ):
        assert text.count(good) == 1, good
        text = text.replace(good, bad)
    (tmp_path / "listing.toml").write_text(text, encoding="utf-8")
    (tmp_path / "other.toml").write_text('id = "other"', encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as raised:
        load_bundles(tmp_path)
    faults = [str(fault) for fault in raised.value.faults]
    assert [fault.removeprefix("listing.toml: ") for fault in faults if fault.startswith("listing.toml")] == [
        "id: is 'listing-compliance', the file is called 'listing'",
        "lead: no organisation 'industry'",
        "deadline_s: the default 10 is outside 20 to 86400",
        "deadline_s: the minimum is 20, at least 30 is due",
        "items: the numbers are not 1, 2, 3, …",
        "items: id 'water' stands more than once",
        "items[3]: a check needs an id",
        "items[6].answerers[0].department: no organisation 'hospital'",
        "items[6].answerers[0].reads[0]: 'health.administrative-penalty' is not a resource of hospital",
        "items[10].answerers[0].reads[1]: 'housing-fund.housing-fund-loan' does not stand in enterprise archives",
        (
            "items[10].answerers[0].reads[1]: coverage_max_age_days is 3, "
            "but housing-fund.housing-fund-loan is brought up to date every 7 days"
        ),
        "items[11].answerers[0].reads[0]: no rule 'penalty'",
        "items[11].answerers[0].reads[0]: no resource 'science.penalty'",
    ]
    assert "other.toml: version: Field required" in faults


def test_the_lead_asks_and_does_not_answer_its_own_intake(tmp_path: Path) -> None:
    text = (BUNDLES_FOLDER / "listing-compliance.toml").read_text(encoding="utf-8")
    text = text.replace('departments = ["industry-and-information"]', 'id = "intake"')
    (tmp_path / "listing-compliance.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError, match=r"items\[0\]: the lead's own part has departments"):
        load_bundles(tmp_path)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaultsError, match="no bundle is defined"):
        load_bundles(tmp_path)


def test_a_departments_answer_by_people_is_reviewed_unless_said_otherwise(tmp_path: Path) -> None:
    text = (BUNDLES_FOLDER / "listing-compliance.toml").read_text(encoding="utf-8")
    text = text.replace('department = "science"', 'department = "science"\nmode = "ask"\nhandled_and_reviewed = false')
    (tmp_path / "listing-compliance.toml").write_text(text, encoding="utf-8")
    checks = load_bundles(tmp_path)["listing-compliance"].checks
    told = {check.id: (check.answerers[0].mode, check.answerers[0].handled_and_reviewed) for check in checks}
    assert told["science"] == ("ask", False)
    assert told["water"] == ("archive", True)
