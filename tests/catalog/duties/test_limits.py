import tomllib
from datetime import date
from pathlib import Path

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.duties.days import day_number
from catalog.duties.limits import KIND_NAMES, LIMITS_FILE, load_limits

LIMITS = load_limits()
LEGAL_BASES = LIMITS_FILE.parents[1] / "declared" / "legal_bases.toml"
GOOD = """
[[limit]]
id = "a"
kind = "correction"
owed_by = "provider"
legal_basis = "order-809-26"
basis = "b"
place = ""
in_force_from = 2025-01-01
working_days = 10
known = "stated"
"""

ORDER_809 = [
    ("catalogue-change", 10, 5),
    ("catalogue-review", 2, 0),
    ("reply-unconditional", 1, 0),
    ("reply-conditional", 10, 10),
    ("delivery", 20, 0),
    ("correction", 10, 0),
    ("disposal", None, 0),
]


@pytest.mark.parametrize(("kind", "working_days", "extension_days"), ORDER_809)
def test_the_terms_of_order_809(kind: str, working_days: int | None, extension_days: int) -> None:
    limit = LIMITS.of(kind, "610402", day_number(date(2025, 8, 1)))
    assert limit is not None
    assert (limit.working_days, limit.extension_days, limit.known) == (working_days, extension_days, "stated")
    assert "国务院令第809号" in limit.basis


def test_every_duty_has_a_term_of_order_809() -> None:
    assert [kind for kind, _, _ in ORDER_809] == list(KIND_NAMES)


def test_every_limit_rests_on_a_legal_basis_of_the_register() -> None:
    bases = {each["id"]: each for each in tomllib.loads(LEGAL_BASES.read_text(encoding="utf-8"))["legal-basis"]}
    for limit in LIMITS:
        basis = bases[limit.legal_basis]
        assert basis["in_force_from"] == str(limit.in_force_from)
        assert limit.basis.replace("《", "").replace("》", "").startswith(basis["title"])
        assert limit.basis.endswith(basis["article"]) or basis["article"] == "unstated"


def test_before_it_was_in_force_nothing_held() -> None:
    assert all(LIMITS.of(kind, "610100", day_number(date(2025, 7, 31))) is None for kind in KIND_NAMES)


def test_the_rule_of_xian_holds_in_xian_and_is_second_hand() -> None:
    day = day_number(date(2025, 12, 25))
    limit = LIMITS.of("reply-conditional", "610112", day)
    assert limit is not None
    assert (limit.working_days, limit.extension_days, limit.extension_unit) == (5, 10, "calendar-days")
    assert limit.known == "second-hand"
    before, elsewhere = LIMITS.of("reply-conditional", "610112", day - 1), LIMITS.of("reply-conditional", "6102", day)
    assert before is elsewhere is LIMITS.by_id["order-809-21-conditional"]


def test_no_rule_that_ships_takes_over_running_duties() -> None:
    assert all(LIMITS.successor(kind, "610100", 0) is None for kind in KIND_NAMES)


def test_limits_are_listed_by_duty_the_oldest_first() -> None:
    assert [each.id for each in LIMITS if each.kind == "reply-conditional"] == [
        "order-809-21-conditional",
        "xian-public-data-conditional",
    ]
    assert next(iter(LIMITS)).kind == "catalogue-change"


def written(folder: Path, text: str) -> Path:
    path = folder / LIMITS_FILE.name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_limit_ends_with_its_last_day(tmp_path: Path) -> None:
    limits = load_limits(written(tmp_path, GOOD + "in_force_until = 2025-03-31\n"))
    assert limits.of("correction", "", day_number(date(2025, 3, 31))) is limits.by_id["a"]
    assert limits.of("correction", "", day_number(date(2025, 4, 1))) is None


def test_a_general_rule_takes_over_no_duty_that_a_narrower_one_governs(tmp_path: Path) -> None:
    def limit(limit_id: str, place: str, first: str) -> str:
        stated = GOOD.replace('id = "a"', f'id = "{limit_id}"').replace('place = ""', f'place = "{place}"')
        return stated.replace("2025-01-01", first) + "applies_to_running = true\n"

    text = limit("city", "6101", "2025-06-01") + limit("state", "", "2025-09-01") + limit("old", "", "2025-01-01")
    limits = load_limits(written(tmp_path, text))
    received = day_number(date(2025, 5, 1))
    city, elsewhere = (limits.successor("correction", place, received) for place in ("610100", "610402"))
    assert city is limits.by_id["city"]
    assert elsewhere is limits.by_id["state"]
    assert limits.successor("correction", "610100", limits.by_id["city"].first_day) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("working_days = 10", "working_days = 400"), "not between 0 and 366"),
        (("working_days = 10", 'working_days = "10"'), "integer"),
        (('kind = "correction"', 'kind = "tea"'), "'catalogue-change'"),
        (('place = ""', 'place = "xian"'), "no code of an administrative division"),
        (('known = "stated"', 'known = "stated"\nin_force_until = 2024-01-01'), "lies before"),
        (('known = "stated"', 'known = "stated"\nextension_days = 5'), "go together"),
        (('known = "stated"', 'known = "stated"\nextension_days = 5\nextensions = 1'), "a consent"),
        (('known = "stated"', 'known = "stated"\nwarn_before_days = [1, 3]'), "fall, each once"),
        (('known = "stated"', 'known = "stated"\nwarn_before_days = [11]'), "reach beyond the term"),
        (('known = "stated"', 'known = "stated"\nurgent = true'), "urgent"),
        (("[[limit]]", f"{GOOD}[[limit]]"), "'a' stands more than once"),
        (("[[limit]]", GOOD.replace('id = "a"', 'id = "b"') + "[[limit]]"), "begins on the same day as b"),
    ],
)
def test_a_file_that_does_not_hold_together_is_refused(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    with pytest.raises(DefinitionFaultsError, match=reason):
        load_limits(written(tmp_path, GOOD.replace(*change)))


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("working_days = 10", "working_days = 400").replace('place = ""', 'place = "xian"')
    with pytest.raises(DefinitionFaultsError) as refused:
        load_limits(written(tmp_path, text))
    assert len(refused.value.faults) == 2
