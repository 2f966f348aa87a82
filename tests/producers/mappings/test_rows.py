from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mappings.rows import FileRow, read_rows


def _rows(tmp_path: Path, body: bytes, encoding: str = "utf-8") -> list[FileRow]:
    path = tmp_path / "table.csv"
    path.write_bytes(body)
    return list(read_rows(path, encoding, ","))


def test_rows_know_their_lines_and_bytes(tmp_path: Path) -> None:
    rows = _rows(tmp_path, 'a,b\r\n1,"二\n三"\n4,5'.encode())

    assert [(row.line, row.cells) for row in rows] == [(1, ("a", "b")), (2, ("1", "二\n三")), (4, ("4", "5"))]
    assert b"".join(row.body for row in rows) == 'a,b\r\n1,"二\n三"\n4,5'.encode()


def test_an_open_quote_hides_no_row(tmp_path: Path) -> None:
    rows = _rows(tmp_path, b'a,b\n1,"2\n3,4\n5,6\n')

    assert [(row.line, row.cells, row.fault is None) for row in rows] == [
        (1, ("a", "b"), True),
        (2, (), False),
        (3, ("3", "4"), True),
        (4, ("5", "6"), True),
    ]


def test_a_quote_inside_a_bare_cell_is_a_character(tmp_path: Path) -> None:
    assert _rows(tmp_path, b'12" pipe,x\n')[0].cells == ('12" pipe', "x")


@pytest.mark.parametrize("body", [b'"a"b,c\n', b"\xff\xfe,1\n", b'"' + b"x" * 200_000 + b'",1\n', b"a\rb,c\n"])
def test_a_row_that_cannot_be_read_is_refused_alone(tmp_path: Path, body: bytes) -> None:
    rows = _rows(tmp_path, b"a,b\n" + body + b"1,2\n")

    assert [row.fault is None for row in rows] == [True, False, True]
    assert rows[1].body == body
    assert rows[1].fault is not None
    assert rows[1].fault.code == "unreadable"


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    assert _rows(tmp_path, b"\xef\xbb\xbfa,b\n")[0].cells == ("a", "b")


def test_national_encodings_are_read(tmp_path: Path) -> None:
    assert _rows(tmp_path, "名称,代码\n".encode("gb18030"), "gb18030")[0].cells == ("名称", "代码")


def test_blank_lines_are_told_apart(tmp_path: Path) -> None:
    assert [row.is_blank for row in _rows(tmp_path, b"a,b\n\n1,2\n  \n")] == [False, True, False, True]


@given(st.binary(max_size=300))
def test_whatever_stands_in_a_file_no_byte_is_lost(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    rows = _rows(tmp_path_factory.mktemp("any"), body)

    assert b"".join(row.body for row in rows) == body
    assert [row.line for row in rows] == [
        1 + b"".join(row.body for row in rows[:place]).count(b"\n") for place in range(len(rows))
    ]
