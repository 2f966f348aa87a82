import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.rates.definition import DEFINITIONS_FOLDER, load_definitions
from analytics.rates.figures import When
from analytics.rates.names import load_names, name_of
from analytics.rates.targets import load_targets, target_of
from tests.analytics.rates.rate_lakes import MemoryLake, figures, resource

SHIPPED = load_definitions()
DAY = date(2026, 6, 30)

UNITS = """
SELECT code AS unit, name AS unit_name, provider AS department, '' AS district, level, class, theme,
    1 AS counts, 1 AS out_of, FALSE AS unstated, NULL AS why, [] AS twins, [evidence] AS evidence
FROM resources
"""


def written(folder: Path, name: str, **changed: Any) -> None:
    content = {
        "id": name.split(".", maxsplit=1)[0], "version": 1, "order": 1, "name": "率", "unit": "个",
        "in_force_from": date(2026, 1, 1),
        "basis": ["依据"], "numerator": "分子", "denominator": "分母", "over": "stock", "sql": UNITS,
    } | changed  # fmt: skip
    lines = [f"{key} = {_toml(value)}" for key, value in content.items()]
    (folder / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return f"'''{value}'''"
    return str(value).replace("'", '"')


def test_what_ships_holds_together() -> None:
    assert SHIPPED.faults == ()
    assert len(list(DEFINITIONS_FOLDER.glob("*.toml"))) == sum(map(len, SHIPPED.versions.values()))


@pytest.mark.parametrize("rate", SHIPPED.versions)
def test_every_rate_has_a_figure_against_gaming(rate: str) -> None:
    assert SHIPPED.newest(rate).twin


def test_every_target_is_of_a_rate_and_quotes_its_source() -> None:
    assert {target.rate for target in load_targets()} <= set(SHIPPED.versions)
    assert all(target.text and "号" in target.source for target in load_targets())


@pytest.mark.parametrize(
    ("day", "value", "by"),
    [
        (date(2024, 9, 1), 0.7, 2024),
        (date(2025, 1, 1), 0.9, 2025),
        (date(2026, 12, 31), 1.0, 2026),
        (date(2027, 1, 1), 1.0, 2026),
    ],
)
def test_the_next_target_holds_and_after_the_last_that_one(day: date, value: float, by: int) -> None:
    target = target_of("integrated", day, load_targets())
    assert target is not None
    assert (target.value, target.by.year) == (value, by)


def test_every_fault_of_every_file_is_told_and_the_rest_stands(tmp_path: Path) -> None:
    written(tmp_path, "good.v1")
    written(tmp_path, "short.v1", sql="SELECT code AS unit FROM resources")
    written(tmp_path, "broken.v1", sql="SELECT nothing FROM nowhere")
    written(tmp_path, "misnamed.v1", id="other", version=2)
    written(tmp_path, "unknown.v1", colour="red")
    (tmp_path / "text.v1.toml").write_text("= not toml", encoding="utf-8")
    found = load_definitions(tmp_path)
    assert list(found.versions) == ["good"]
    told = [(fault.file, fault.place) for fault in found.faults]
    assert told == [
        ("broken.v1.toml", "sql"),
        ("misnamed.v1.toml", "id"),
        ("short.v1.toml", "sql"),
        ("text.v1.toml", "text"),
        ("unknown.v1.toml", "colour"),
    ]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert [fault.reason for fault in load_definitions(tmp_path).faults] == ["no rate is defined in this folder"]


def test_versions_come_into_force_one_after_the_other(tmp_path: Path) -> None:
    written(tmp_path, "good.v1")
    written(
        tmp_path, "good.v2", version=2, in_force_from=date(2026, 7, 1), sql=UNITS.replace("1 AS counts", "0 AS counts")
    )
    found = load_definitions(tmp_path)
    assert found.faults == ()
    told = figures(MemoryLake(catalog_changes=[resource("tax.a", DAY)]), tmp_path / "kept", found)
    assert [(each["version"], each["value"]) for each in told.months("good", When(date(2026, 7, 31)), 1)["groups"]] == [
        (1, 1.0),
        (2, 0.0),
    ]
    written(tmp_path, "late.v1")
    written(tmp_path, "late.v2", version=2)
    load_definitions.cache_clear()
    assert [fault.place for fault in load_definitions(tmp_path).faults] == ["in_force_from"]


def test_a_definition_that_fails_as_it_runs_takes_no_other_with_it(tmp_path: Path) -> None:
    written(tmp_path, "good.v1")
    written(tmp_path, "bad.v1", sql=UNITS.replace("1 AS counts", "CAST(name AS BIGINT) AS counts"), order=2)
    written(tmp_path, "none.v1", sql=UNITS.replace("1 AS out_of", "0 AS out_of"), order=3)
    told = figures(MemoryLake(catalog_changes=[resource("tax.a", DAY)]), tmp_path / "kept", load_definitions(tmp_path))
    rates = {each["id"]: each for each in told.overview(When(DAY))["rates"]}
    assert rates["good"]["value"] == 1.0
    assert rates["bad"]["why_null"].startswith("该定义不能执行：Conversion Error")
    assert (rates["none"]["value"], rates["none"]["why_null"]) == (None, "分母为零：没有应计的")


def test_every_reason_has_a_word() -> None:
    codes = set(load_names()["why"])
    for rate in SHIPPED.versions:
        sql = SHIPPED.newest(rate).sql
        told = re.findall(r"THEN '([a-z-]+)'", sql.split("AS why")[0].split("AS unstated")[-1])
        assert set(told) <= codes, rate


def test_a_value_without_a_word_stands_for_itself() -> None:
    assert name_of("department", "tax", {"tax": "市税务局"}) == "市税务局"
    assert name_of("district", "weiyang", {}) == "未央区"
    assert name_of("theme", "b1", {}) == "b1"
    assert name_of("theme", "", {}) == "未载明"
