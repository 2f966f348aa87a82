"""A month's bulletin over a whole made-up lake: as data, as XLSX, as PDF, as HTTP."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from starlette.testclient import TestClient

from analytics.bottlenecks.known import known_catalogue
from analytics.bulletins import fonts as fonts_module
from analytics.bulletins.content import Bulletin, Page
from analytics.bulletins.fonts import NoChineseFont, chinese_fonts
from analytics.bulletins.http import BulletinDoor, bulletin_router
from analytics.bulletins.pdf import bulletin_pdf, qr_svg
from analytics.bulletins.tables import footing_tables, tables_of, written
from analytics.bulletins.words import WORDS_FILE, load_bulletin_words
from analytics.bulletins.xlsx import bulletin_xlsx
from analytics.http_problems import install_problems
from analytics.rates.figures import Figures
from catalog.definitions import DefinitionFaultsError
from tests.analytics.bulletins.month_lake import SEPTEMBER, bulletin_of, month_lake
from tests.analytics.rates.rate_lakes import MemoryLake, figures

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def found() -> MemoryLake:
    return month_lake()


@pytest.fixture(scope="module")
def rates(found: MemoryLake, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return figures(found, tmp_path_factory.mktemp("rollups"))


@pytest.fixture(scope="module")
def bulletin(found: MemoryLake, rates: Figures) -> Bulletin:
    return bulletin_of(found, rates)


@pytest.fixture
def http(found: MemoryLake, rates: Figures) -> Iterator[TestClient]:
    app = FastAPI()
    install_problems(app)
    app.include_router(bulletin_router(BulletinDoor(found, rates, "http://console", now=lambda: NOW)))
    with TestClient(app) as client:
        yield client


def page_of(bulletin: Bulletin, code: str) -> Page:
    page = bulletin.page(code)
    assert page is not None
    return page


def test_the_city_and_every_department_have_a_page(bulletin: Bulletin) -> None:
    assert bulletin.title == "关于2026年9月“高效办成一件事”工作推进情况的通报"
    codes = [each.code for each in bulletin.departments]
    assert len(codes) == len(set(codes)) > 40
    assert codes == [code for code in known_catalogue().departments if code in set(codes)]
    tax = page_of(bulletin, "tax")
    assert (tax.name, {each.department for each in tax.duties}) == ("市税务局", {"tax"})
    assert all("tax" in each.lead_codes for each in tax.entries)


def test_rates_say_what_changed_and_what_is_missing_to_the_target(bulletin: Bulletin) -> None:
    catalogued = next(each for each in bulletin.city.rates if each.id == "catalogued")
    assert catalogued.value is not None
    assert catalogued.change == pytest.approx(catalogued.value)
    assert (catalogued.target, catalogued.target_by, catalogued.met) == (1.0, "2026-12-31", False)
    assert f"编目率{catalogued.value:.1%}，较上月提高" in bulletin.city.paragraphs[0]
    own = [each for page in bulletin.departments for each in page.rates if each.id == "catalogued"]
    assert sum(each.numerator for each in own) == catalogued.numerator
    assert sum(each.denominator for each in own) == catalogued.denominator


def test_duties_that_are_overdue_stand_longest_first(bulletin: Bulletin) -> None:
    days = [each.working_days_late for each in bulletin.city.duties]
    assert days == sorted(days, reverse=True)
    assert len(days) == 3
    assert "期末逾期未办3件" in bulletin.city.paragraphs[2]
    assert "市税务局2件、市公安局1件" in bulletin.city.paragraphs[2]


def test_the_ledger_names_the_citys_documents_first(bulletin: Bulletin) -> None:
    documents = [each.document for each in bulletin.city.entries]
    assert documents == sorted(documents, key=lambda each: not each.startswith("xian"))
    assert sum(bulletin.city.entry_states.values()) == len(bulletin.city.entries) > 70


def test_made_up_complaints_and_inferred_links_are_told_as_such(bulletin: Bulletin) -> None:
    assert (bulletin.city.complaints.total, bulletin.city.complaints.made_up) == (3, 3)
    assert "含模拟数据3件" in bulletin.city.paragraphs[5]


def test_the_parts_of_the_departments_are_the_citys(bulletin: Bulletin) -> None:
    for name in ("ended", "open", "overdue"):
        city = sum(getattr(each, name) for each in bulletin.city.departments)
        assert city == sum(getattr(each, name) for page in bulletin.departments for each in page.departments)
        assert city == sum(getattr(each, name) for page in bulletin.departments for each in page.items)


def test_a_month_is_told_again_as_it_was(bulletin: Bulletin, tmp_path: Path) -> None:
    """What came after the month's end, however much, changes neither a figure nor a byte."""
    october = datetime(2026, 10, 8, tzinfo=UTC)
    later = {
        "topic": "case.requests",
        "event": "ApplicationSubmitted",
        "case_id": "later",
        "offset": 1_000_000,
        "bundle": "newborn",
        "at": datetime(2026, 9, 3, tzinfo=UTC),
        "known_at": october,
        "body": '{"channel":"online","delivery":{"means":"counter"},"materials":[]}',
    }
    grown = month_lake(later=[later])
    again = bulletin_of(grown, figures(grown, tmp_path))
    assert again == bulletin
    pages = (again.city, page_of(again, "tax"))
    assert bulletin_pdf(again, pages) == bulletin_pdf(bulletin, (bulletin.city, page_of(bulletin, "tax")))
    assert bulletin_xlsx(again, pages) == bulletin_xlsx(bulletin, (bulletin.city, page_of(bulletin, "tax")))


def test_every_row_is_as_wide_as_its_table(bulletin: Bulletin) -> None:
    tables = [table for page in (bulletin.city, *bulletin.departments) for table in tables_of(page)]
    for table in (*tables, *footing_tables(bulletin)):
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.nothing


def test_what_the_figures_rest_on_is_named(bulletin: Bulletin) -> None:
    definitions, places = footing_tables(bulletin)
    assert ("编目率", "catalogued 第1版") in definitions.rows
    assert bulletin.footing.positions_digest in places.note
    assert {row[0] for row in places.rows} >= {"catalog.changes", "hotline"}


def test_the_workbook_holds_every_row_as_numbers(bulletin: Bulletin) -> None:
    book = load_workbook(io.BytesIO(bulletin_xlsx(bulletin, (bulletin.city, *bulletin.departments))))
    assert book.sheetnames[:3] == ["通报", "全市 数据共享指标", "全市 工作台账（逾期、滞后在前，区级文件列后）"]
    sheet = book["全市 数据共享指标"]
    heads = [cell.value for cell in sheet[2]]
    first = dict(zip(heads, [cell.value for cell in sheet[3]], strict=True))
    assert first["指标"] == "编目率"
    assert first["本期"] == pytest.approx(bulletin.city.rates[0].value)
    entries = next(each for each in book if each.title.startswith("全市 工作台账"))
    assert entries.max_row >= len(bulletin.city.entries) + 2
    own = next(each for each in book if each.title.startswith("各部门 工作台账"))
    assert own["A2"].value == "部门"


def test_a_department_alone_has_its_own_workbook(bulletin: Bulletin) -> None:
    book = load_workbook(io.BytesIO(bulletin_xlsx(bulletin, (page_of(bulletin, "tax"),))))
    assert book.sheetnames[1] == "数据共享指标"
    texts = [cell.value for row in book["通报"].iter_rows() for cell in row if cell.value]
    assert "【市税务局】" in texts


def test_no_cell_is_taken_for_a_formula(bulletin: Bulletin) -> None:
    import msgspec  # noqa: PLC0415  for this test only

    entry = msgspec.structs.replace(bulletin.city.entries[0], name='=HYPERLINK("http://x")')
    page = msgspec.structs.replace(bulletin.city, entries=(entry,))
    book = load_workbook(io.BytesIO(bulletin_xlsx(bulletin, (page,))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_every_department_keeps_to_one_page(bulletin: Bulletin) -> None:
    full = max(bulletin.departments, key=lambda each: sum(len(table.rows) for table in tables_of(each)))
    for page in (full, page_of(bulletin, "tax")):
        assert pages_in(bulletin_pdf(bulletin, (page,))) == 1
    some = bulletin.departments[:7]
    assert pages_in(bulletin_pdf(bulletin, some)) == 7


def test_a_department_with_far_too_much_keeps_to_one_page_too(bulletin: Bulletin) -> None:
    import msgspec  # noqa: PLC0415  for this test only

    long = "一句很长的话，反复说明情况。" * 40
    page = msgspec.structs.replace(
        page_of(bulletin, "tax"), paragraphs=(long,) * 4, rates=bulletin.city.rates, items=bulletin.city.items
    )
    assert pages_in(bulletin_pdf(bulletin, (page,))) == 1


def pages_in(pdf: bytes) -> int:
    """The count that the file's page tree states."""
    assert pdf.startswith(b"%PDF")
    return max(int(each) for each in re.findall(rb"/Count (\d+)", pdf))


def test_the_qr_code_leads_to_the_figures_of_the_day(bulletin: Bulletin) -> None:
    assert bulletin.city.live_url == "http://127.0.0.1:8600/rates?as_of=2026-09-30"
    assert page_of(bulletin, "tax").live_url.endswith("as_of=2026-09-30&department=tax")
    assert qr_svg(bulletin.city.live_url).startswith("<svg")


def test_a_machine_without_a_chinese_font_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts_module, "PREFERRED", ("No Such Family",))
    with pytest.raises(NoChineseFont) as missing:
        chinese_fonts(tmp_path)
    assert str(tmp_path) in str(missing.value)
    assert "fonts-wqy-microhei" in missing.value.remedy


def test_an_offices_own_fonts_go_first() -> None:
    folder = Path("/usr/share/fonts/truetype/wqy")
    if not folder.is_dir():
        pytest.skip("the font is not installed")
    _, family = chinese_fonts(folder, of_machine=False)
    assert family == "WenQuanYi Micro Hei"


def test_what_is_empty_in_the_words_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bulletin.toml"
    path.write_text(WORDS_FILE.read_text(encoding="utf-8").replace("西安市数据局", " "), encoding="utf-8")
    with pytest.raises(DefinitionFaultsError, match="issuer"):
        load_bulletin_words(path)


@pytest.mark.parametrize(
    ("cell", "form", "text"),
    [
        (None, "share", "—"),
        (0.125, "share", "12.5%"),
        (-0.02, "change", "-2.0"),
        (1234, "count", "1,234"),
        (3.0, "number", "3"),
        ("无应计", "share", "无应计"),
    ],
)
def test_cells_are_written_as_officials_read_them(cell: Any, form: Any, text: str) -> None:
    assert written(cell, form) == text


def test_months_that_there_are_data_of_are_listed(http: TestClient) -> None:
    listed = http.get("/v1/bulletins").json()["months"]
    assert (listed[0], listed[-1]["month"]) == ({"month": "2026-11", "provisional": True}, "2026-08")


def test_a_month_is_told_as_data_and_as_files(http: TestClient, bulletin: Bulletin) -> None:
    told = http.get("/v1/bulletins/2026-09").json()
    assert told["city"]["paragraphs"] == list(bulletin.city.paragraphs)
    assert (told["provisional"], told["as_of"]) == (False, str(SEPTEMBER.as_of))
    one = http.get("/v1/bulletins/2026-09/tax").json()
    assert one["page"]["name"] == "市税务局"
    assert http.get("/v1/bulletins/2026-09/city").json()["page"]["code"] == ""
    pdf = http.get("/v1/bulletins/2026-09/tax.pdf")
    assert (pdf.headers["content-type"], pages_in(pdf.content)) == ("application/pdf", 1)
    assert "filename*=UTF-8''" in pdf.headers["content-disposition"]
    book = load_workbook(io.BytesIO(http.get("/v1/bulletins/2026-09/tax.xlsx").content))
    assert "通报" in book.sheetnames
    again = http.get("/v1/bulletins/2026-09/tax.pdf")
    assert again.content == pdf.content


def test_the_month_that_lasts_is_marked(http: TestClient) -> None:
    told = http.get("/v1/bulletins/2026-11").json()
    assert (told["provisional"], told["as_of"]) == (True, str(TODAY))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("2026-13", 422),
        ("someday", 422),
        ("2026-12", 422),
        ("2026-07", 404),
        ("2026-09/nobody", 404),
        ("2026-09/x.pdf", 404),
    ],
)
def test_what_there_is_not_is_told(http: TestClient, path: str, status: int) -> None:
    answer = http.get(f"/v1/bulletins/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["remedy"]


def test_no_font_is_told_over_http(http: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts_module, "PREFERRED", ())
    answer = http.get("/v1/bulletins/2026-09/tax.pdf")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:onething:problem:no-chinese-font")
    assert http.get("/v1/bulletins/2026-09/tax.xlsx").status_code == 200
