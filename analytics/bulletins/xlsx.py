"""A bulletin as a workbook: every row of every table, numbers as numbers; the same bytes for the same data."""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from analytics.bulletins.content import Bulletin, Page
from analytics.bulletins.months import written as day_written
from analytics.bulletins.tables import BulletinTable, Column, Form, footing_tables, tables_of

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_FORMATS: Final[dict[Form, str]] = {
    "count": "#,##0",
    "share": "0.0%",
    "change": "+0.0;-0.0;0.0",
    "number": "0.0",
    "text": "General",
}
_MODIFIED: Final = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_BAD_IN_NAMES: Final = re.compile(r"[\\/*?:\[\]]")
_LONGEST_NAME: Final = 31
_FORMULA: Final = ("=", "+", "-", "@")
_FONT: Final = "仿宋"


def bulletin_xlsx(bulletin: Bulletin, pages: Iterable[Page]) -> bytes:
    """Return a workbook of these pages of the bulletin: a sheet about it, then a sheet a table.

    Of one page each table has a sheet; of several, each table has one with the rows of all, the department in front.
    """
    from openpyxl import Workbook  # noqa: PLC0415  heavy import, for those who write Excel

    listed = list(pages)
    book = Workbook()
    book.remove(book.worksheets[0])
    _about(book.create_sheet("通报"), bulletin, listed)
    for name, table in _sheets(listed):
        _fill(book.create_sheet(_sheet_name(book, name)), table)
    for table in footing_tables(bulletin):
        _fill(book.create_sheet(_sheet_name(book, table.title)), table)
    out = io.BytesIO()
    book.save(out)
    return _settled(out.getvalue())


def _sheets(pages: list[Page]) -> Iterable[tuple[str, BulletinTable]]:
    city = [each for each in pages if not each.code]
    for page in city:
        yield from ((f"全市 {table.title}" if len(pages) > 1 else table.title, table) for table in tables_of(page))
    own = [each for each in pages if each.code]
    if len(own) == 1 and not city:
        yield from ((table.title, table) for table in tables_of(own[0]))
    elif own:
        yield from ((f"各部门 {each.title}", each) for each in _joined(own))


def _joined(pages: list[Page]) -> Iterable[BulletinTable]:
    """The same table of several departments as one, with the department in front."""
    for same in zip(*(tables_of(page) for page in pages), strict=True):
        rows = tuple((page.name, *row) for page, table in zip(pages, same, strict=True) for row in table.rows)
        first = same[0]
        note = next((table.note for table in same if table.note), "")
        yield BulletinTable(
            first.title, (Column("部门", width=2), *first.columns), rows, len(rows), first.nothing, note
        )


def _about(sheet: "Worksheet", bulletin: Bulletin, pages: list[Page]) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    lines = [bulletin.title, f"{bulletin.addressees}："]
    counted = f"统计截至{day_written(bulletin.as_of)}{'（暂计：该日尚未结束）' if bulletin.provisional else '24时'}"
    lines.append(f"按照{bulletin.plan}要求，现将工作推进情况通报如下。{counted}。")
    for page in pages:
        if len(pages) > 1 or page.code:
            lines.append(f"【{page.name}】")
        lines += page.paragraphs
        lines.append(f"实时数据：{page.live_url}")
    lines += [bulletin.issuer, "　　年　　月　　日"]
    sheet.column_dimensions["A"].width = 110
    for number, line in enumerate(lines, 1):
        cell = sheet.cell(number, 1, _guarded(line))
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="center" if number == 1 else "left")
        cell.font = Font(name=_FONT, size=16 if number == 1 else 11, bold=number == 1)
    _printable(sheet)


def _fill(sheet: "Worksheet", table: BulletinTable) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    thin = Side(style="thin", color="B9BDC3")
    sheet.cell(1, 1, table.title).font = Font(name=_FONT, size=14, bold=True)
    for place, column in enumerate(table.columns, 1):
        head = sheet.cell(2, place, column.heading)
        head.font = Font(name=_FONT, size=10, bold=True)
        head.fill = PatternFill("solid", fgColor="F2F4F7")
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        head.border = Border(top=thin, bottom=thin)
        sheet.column_dimensions[get_column_letter(place)].width = 6 + 9 * column.width
    for number, row in enumerate(table.rows, 3):
        for place, (value, column) in enumerate(zip(row, table.columns, strict=True), 1):
            cell = sheet.cell(number, place, _value(value, column.form))
            cell.number_format = _FORMATS[column.form]
            cell.font = Font(name=_FONT, size=10)
            cell.alignment = Alignment(vertical="center", wrap_text=column.form == "text")
            cell.border = Border(bottom=thin)
    under = len(table.rows) + 3
    if not table.rows:
        sheet.cell(under, 1, table.nothing)
    if table.note:
        sheet.cell(under + 1, 1, table.note)
    sheet.freeze_panes = "A3"
    if table.rows:
        sheet.auto_filter.ref = f"A2:{get_column_letter(len(table.columns))}{len(table.rows) + 2}"
    _printable(sheet)


def _printable(sheet: "Worksheet") -> None:
    from openpyxl.worksheet.properties import PageSetupProperties  # noqa: PLC0415

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"


def _value(value: Any, form: Form) -> Any:
    if isinstance(value, str):
        return _guarded(value)
    return value * 100 if form == "change" and value is not None else value


def _guarded(text: str) -> str:
    """What a spreadsheet would take for a formula stands behind an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _sheet_name(book: Any, title: str) -> str:
    """A name that a sheet may bear and none bears yet."""
    name = _BAD_IN_NAMES.sub(" ", title)[:_LONGEST_NAME]
    number = 2
    while name in book.sheetnames:
        name = f"{name[: _LONGEST_NAME - 3]} {number}"
        number += 1
    return name


def _settled(workbook: bytes) -> bytes:
    """The same workbook without the instant of its writing."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in sorted(read.namelist()):
            content = read.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, content)
    return out.getvalue()
