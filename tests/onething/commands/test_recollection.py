"""`onething catalog recollection` with what ships: needs no hub."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from onething.cli import app

TABLE = """table,table_zh,field,field_zh,type
t_a,餐饮企业调查表,name,单位名称,string
t_a,餐饮企业调查表,uscc,统一社会信用代码,string
t_a,餐饮企业调查表,seats,餐位数,int
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["catalog", "recollection", *words])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "forms.csv"
    file.write_text(TABLE, encoding="utf-8")
    return file


def test_the_form_of_a_bundle_is_mapped() -> None:
    told = json.loads(run("map", "--bundle", "restaurant-opening", "--shipped", "-o", "json").stdout)
    filled = {each["id"]: each["supplies"][0]["resource"] for each in told if each["how"] == "mapped"}
    assert filled["enterprise-name"] == "market-regulation.enterprise-registration"
    assert {each["how"] for each in told} == {"mapped", "none"}


def test_a_departments_form_is_mapped_beside_it(table: Path) -> None:
    told = json.loads(
        run("map", "--bundle", "restaurant-opening", "--shipped", "--tables", str(table), "-o", "json").stdout
    )
    assert {each["id"]: each["how"] for each in told if each["form"] == "t_a"} == {
        "name": "synonym",
        "uscc": "identifier",
        "seats": "none",
    }


def test_rates_say_of_what(table: Path) -> None:
    told = json.loads(
        run("rates", "--bundle", "restaurant-opening", "--shipped", "--tables", str(table), "-o", "json").stdout
    )
    by_code = {each["code"]: each for each in told}
    assert by_code["collected-again"]["count"] == 0, "no shipped entry states its sharing class"
    assert by_code["collected-again-broad"]["count"] == 1
    assert {each["of"] for each in told} == {31}


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "json"])
def test_the_map_goes_out_as_a_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"map.{suffix}"
    assert run("export", str(file), "--shipped").exit_code == 0
    assert file.stat().st_size > 1000


def test_a_table_for_people() -> None:
    assert "已预填（映射）" in run("map", "--bundle", "enterprise-change", "--shipped").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rates", "--shipped", "--bundle", "nonsense"), "nonsense"),
        (("rates", "--shipped", "--tables", "nowhere.csv"), "nowhere.csv"),
        (("export", "map.pdf", "--shipped"), "map.pdf"),
    ],
)
def test_what_is_asked_wrongly_is_said(words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert said in told.output
