from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.register.excel import Sheet, UnreadableSheet, cell_name, csv_text, read_sheets, write_sheets

ROWS = (("信息资源名称", "数据长度"), ("欠税公告", "18"), ("=1+1", "-3"), ("多行\n文字", ""))


def test_cells_are_named_as_excel_names_them() -> None:
    assert [cell_name("目录", 0, place) for place in (0, 25, 26, 701, 702)] == [
        "目录!A1",
        "目录!Z1",
        "目录!AA1",
        "目录!ZZ1",
        "目录!AAA1",
    ]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_is_written_is_read_again(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"目录.{ending}"
    write_sheets(path, [Sheet("目录", ROWS)])
    (read,) = read_sheets(path)
    assert read == Sheet("目录", ROWS)


def test_a_formula_is_written_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_sheets(path, [Sheet("目录", ROWS)])
    cell = openpyxl.load_workbook(path)["目录"]["A3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert "'=1+1" in csv_text(Sheet("目录", ROWS))


def test_numbers_and_days_are_read_as_people_write_them(tmp_path: Path) -> None:
    # Excel knows no time zone.
    moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC).replace(tzinfo=None)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append([18.0, 2.5, date(2026, 11, 22), moment, None, True])
    book.save(tmp_path / "a.xlsx")
    (read,) = read_sheets(tmp_path / "a.xlsx")
    assert read.rows == (("18", "2.5", "2026-11-22", "2026-11-22 09:30:00", "", "True"),)


def test_a_csv_in_gb_18030_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("信息资源名称,镕\r\n".encode("gb18030"))
    assert read_sheets(tmp_path / "a.csv")[0].rows == (("信息资源名称", "镕"),)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.csv"])
def test_what_is_no_sheet_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xff\xff")
    with pytest.raises(UnreadableSheet, match=name):
        read_sheets(tmp_path / name)


CELL = st.text(alphabet="=+-@'\"甲,\na", max_size=6).map(str.strip).filter(lambda cell: not cell.startswith("'"))


@given(st.lists(CELL, min_size=1, max_size=4))
def test_any_text_survives_a_csv(cells: list[str]) -> None:
    """An apostrophe at the beginning of a cell is a spreadsheet's own, and is lost as it would be there."""
    cells = ["甲", *cells]
    with TemporaryDirectory() as folder:
        write_sheets(Path(folder) / "a.csv", [Sheet("a", (tuple(cells),))])
        (read,) = read_sheets(Path(folder) / "a.csv")
    assert read.rows == (tuple(cells),)
