from pathlib import Path
from typing import Any

import pytest

from catalog.resources import Resources
from producers.files import FileDoesNotFit, FileForm, check_records, draft_of_row, form_of, read_records
from topics.identifiers import make_uscc

NOW_US = 1_795_305_600_000_000
USCC = make_uscc("91", "610112", 1)
HEADER = (
    "type,source,resource,subject_kind,subject_id,record_id,version,valid_at,content.decision_number,content.cause,"
    "content.legal_basis,content.penalty_kind,content.amount_fen,content.decided_at,content.domain,content.territory,"
    "content.state,content.repaired_at"
)
ROW = (
    f"PenaltyImposed,urban-management,urban-management.administrative-penalty,enterprise,{USCC},p-1,1,"
    '2024-05-01T09:00:00+08:00,1号,"占道,\n经营",条例,罚款,50000,1714525200000000,urban-management,610112,in-force,'
)


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_row_is_the_draft_that_json_would_be(penalty: Any) -> None:
    draft = penalty(1)
    names = [*draft["content"]]
    header = ["type", "source", "resource", "subject_kind", "subject_id", "record_id", "version", "valid_at"]
    cells = [
        draft["type"],
        draft["source"],
        draft["resource"],
        *draft["subject"].values(),
        "p-1",
        "1",
        draft["valid_at"],
    ]
    header += [f"content.{name}" for name in names]
    cells += [str(draft["content"][name]) for name in names]
    assert draft_of_row(header, cells) == draft


def test_numbers_that_are_texts_stay_texts() -> None:
    """Only fields that are numbers are read as numbers: a licence number with a leading zero must not lose it."""
    draft = draft_of_row(["type", "record_id", "content.licence_number"], ["LicenceIssued", "007", "0012"])
    assert draft == {"type": "LicenceIssued", "record_id": "007", "content": {"licence_number": "0012"}}


@pytest.mark.parametrize(
    ("kind", "name", "subject"),
    [
        ("enterprise", "x", {"kind": "enterprise", "id": "x"}),
        ("person", "0" * 32, {"kind": "person", "token": "0" * 32}),
        ("person", "610102199003071231", {"kind": "person", "id": "610102199003071231"}),
        ("", "x", {"kind": None, "id": "x"}),
    ],
)
def test_subjects_by_their_two_columns(kind: str, name: str, subject: dict[str, Any]) -> None:
    assert draft_of_row(["subject_kind", "subject_id"], [kind, name])["subject"] == subject


def test_rows_keep_their_bytes_and_their_line(tmp_path: Path, resources: Resources) -> None:
    body = f"{HEADER}\n{ROW}\n\n{ROW.replace(',1,', ',-1,', 1)}\r\na,b\n{ROW}".encode()
    checked = list(check_records(read_records(written(tmp_path, "x.csv", body), FileForm.CSV), resources, NOW_US))
    assert [(each.line, [fault.code for fault in faults]) for each, faults in checked] == [
        (2, []),
        (5, ["out-of-range"]),
        (7, ["wrong-cell-count"]),
        (8, []),
    ]
    assert b"".join(each.received.body for each, _ in checked) in body.replace(b"\n\n", b"\n")
    assert [each.received.origin for each, _ in checked] == ["x.csv:2", "x.csv:5", "x.csv:7", "x.csv:8"]


def test_lines_keep_their_bytes_and_their_number(tmp_path: Path) -> None:
    path = written(tmp_path, "x.jsonl", b'\xef\xbb\xbf{"a": 1}\r\n\nbroken\n[2]')
    records = [(each.line, each.received.body, each.received.draft) for each in read_records(path, FileForm.JSONL)]
    assert records == [(1, b'\xef\xbb\xbf{"a": 1}\r', {"a": 1}), (3, b"broken", None), (4, b"[2]", [2])]


def test_nobodys_records_are_named(tmp_path: Path, resources: Resources) -> None:
    path = written(tmp_path, "x.jsonl", b'{"source": "sunshine"}\n{}\n7\n{"source": 7}')
    checked = check_records(read_records(path, FileForm.JSONL), resources, NOW_US)
    assert [[fault.code for fault in faults] for _, faults in checked] == [
        ["unknown-source"],
        ["missing-field"],
        ["not-an-object"],
        ["unknown-source"],
    ]


@pytest.mark.parametrize("header", ["", ROW.replace("\n", " "), HEADER + ",remark", HEADER + ",type", '"open'])
def test_a_header_of_something_else_is_told_without_repeating_it(tmp_path: Path, header: str) -> None:
    with pytest.raises(FileDoesNotFit) as told:
        list(read_records(written(tmp_path, "x.csv", header.encode()), FileForm.CSV))
    assert USCC not in str(told.value)
    assert "--mapping" in told.value.remedy


def test_the_name_says_the_form() -> None:
    assert (form_of(Path("a.JSONL")), form_of(Path("a.ndjson")), form_of(Path("a.csv"))) == (
        FileForm.JSONL,
        FileForm.JSONL,
        FileForm.CSV,
    )
    with pytest.raises(FileDoesNotFit):
        form_of(Path("a.xlsx"))
