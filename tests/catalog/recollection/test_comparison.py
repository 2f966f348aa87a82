"""Only a mapping is certain; names are guesses, and names that tell nothing find nothing."""

from typing import Any

import pytest

from catalog.name_likeness import normalised
from catalog.recollection.asked import Asked
from catalog.recollection.comparison import MOST_SUPPLIERS, Compared, How, compared
from catalog.recollection.figures import rates
from catalog.recollection.names import load_names
from catalog.recollection.sheets import HEADER, map_document, map_rows, map_sheets
from catalog.register.canonical import plain
from catalog.register.model import DataItem, Resource


def entry(code: str, *items: tuple[str, str], **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": f"{code}信息", "state": "published", "sharing_class": "unconditional", **more}
    data_items = tuple(DataItem(name=name, field=field) for name, field in items)
    return plain(Resource(code=code, provider="tax", data_items=data_items, **fields))


def asked(name: str, **more: Any) -> Asked:
    return Asked(**{"form": "f", "form_name": "表", "kind": "field", "id": name, "name": name, **more})


REGISTRATION = entry("tax.registration", ("企业名称", "name"), ("安全负责人员名单", "persons"), ("名称", "title"))


def found(name: str, *entries: dict[str, Any], **more: Any) -> Compared:
    (line,) = compared([asked(name, **more)], entries or (REGISTRATION,), load_names())
    return line


@pytest.mark.parametrize(
    ("name", "how", "confidence"),
    [
        ("企业名称", "same-name", 90),
        ("企业 名称", "same-name", 90),
        ("纳税人名称", "synonym", 80),
        ("安全负责人员名册", "alike", 61),
        ("行业名称", "none", None),
        ("名称", "none", None),
        ("统一社会信用代码", "identifier", None),
        ("交换开关", "technical", None),
    ],
)
def test_how_a_name_is_found(name: str, how: How, confidence: int | None) -> None:
    line = found(name)
    assert line.how == how
    assert [each.confidence for each in line.supplies] == ([] if confidence is None else [confidence])
    assert line.guessed is (confidence is not None)


def test_a_mapping_is_certain() -> None:
    line = found("字号", resource="tax.registration", content="name")
    assert (line.how, line.guessed, line.supplies[0].confidence) == ("mapped", False, 100)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sharing_class": "withheld"}, "withheld"),
        ({"state": "draft"}, "draft"),
        ({"code": "tax.other"}, "not registered"),
        ({"data_items": []}, "no data item"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_told(change: dict[str, Any], said: str) -> None:
    line = found("字号", {**REGISTRATION, **change}, resource="tax.registration", content="name")
    assert line.how == "blocked"
    assert said in line.note


@pytest.mark.parametrize("change", [{"sharing_class": "withheld"}, {"state": "draft"}, {"state": "withdrawn"}])
def test_what_is_not_shared_fills_nothing(change: dict[str, Any]) -> None:
    assert found("企业名称", {**REGISTRATION, **change}).how == "none"


def test_a_name_that_many_carry_says_nothing() -> None:
    many = [entry(f"tax.r{number}", ("摘牌时刻", "a")) for number in range(MOST_SUPPLIERS + 1)]
    assert found("摘牌时刻", *many).how == "none"
    assert found("摘牌时刻", *many[1:]).how == "same-name"


def test_no_form_is_filled_from_itself() -> None:
    assert found("企业名称", form_name="tax.registration信息").how == "none"


def test_a_material_is_found_by_the_resource() -> None:
    certificate = entry("health.certificate", name="出生医学证明信息")
    line = found("新生儿出生医学记录", certificate, kind="material")
    assert (line.how, line.supplies[0].resource, line.supplies[0].field) == ("synonym", "health.certificate", "")


def test_rates_have_their_denominator() -> None:
    unstated = entry("tax.other", ("税号簿", "book"), sharing_class="unstated")
    names = ("企业名称", "税号簿", "统一社会信用代码", "交换开关", "餐位数")
    lines = compared(
        [*(asked(name) for name in names), asked("甲", resource="tax.registration", content="name")],
        (REGISTRATION, unstated),
        load_names(),
    )
    assert {each.code: (each.count, each.of, each.percent) for each in rates(lines)} == {
        "collected-again": (1, 5, 20.0),
        "collected-again-broad": (2, 5, 40.0),
        "filled": (1, 5, 20.0),
        "blocked": (0, 5, 0.0),
    }


def test_nothing_asked_has_no_rate() -> None:
    assert {each.percent for each in rates(())} == {None}


def test_the_map_as_rows_sheets_and_json() -> None:
    lines = (found("企业名称"), found("餐位数"))
    assert {len(row) for row in map_rows(lines, {})} == {len(HEADER)}
    first, second = map_sheets(lines, rates(lines), {"tax": "市税务局"})
    assert first.rows[1][HEADER.index("提供部门")] == "市税务局"
    assert len(second.rows) == 5
    document = map_document(lines, rates(lines))
    assert [each["guessed"] for each in document["lines"]] == [True, False]


def test_no_synonym_is_generic() -> None:
    names = load_names()
    assert not set(names.synonyms) & (names.generic | names.identifiers | names.technical)
    assert names.synonyms[normalised("企业名称（字号名称）")] == "企业名称"
