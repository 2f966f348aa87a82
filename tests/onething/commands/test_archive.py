from typing import Any

import pytest

from onething.commands.archive import print_archive

CLOSED = {
    "since": 1_740_787_200_000_000,
    "by": "market-regulation.enterprise-registration",
    "department": "market-regulation",
    "state": "注销",
    "event_id": "00" * 16,
    "disputed": False,
}
BODY: dict[str, Any] = {"subject": "enterprise:x", "records": [], "missing": [], "closed": CLOSED}


def test_a_closed_archive_says_so_in_chinese_and_in_english(capsys: pytest.CaptureFixture[str]) -> None:
    print_archive(BODY, "zh")
    assert "档案已关闭：注销，自 2025-03-01 起（市市场监管局）。记录全部保留" in capsys.readouterr().out
    print_archive(BODY, "en")
    assert "closed since 2025-03-01 (注销, by market-regulation); all records stay" in capsys.readouterr().out


def test_a_disputed_end_is_told_as_disputed(capsys: pytest.CaptureFixture[str]) -> None:
    print_archive(BODY | {"closed": CLOSED | {"disputed": True}}, "zh")
    assert "该登记存在争议" in capsys.readouterr().out


@pytest.mark.parametrize("body", [BODY | {"closed": None}, {k: v for k, v in BODY.items() if k != "closed"}])
def test_an_open_archive_says_nothing_of_an_end(body: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    print_archive(body, "zh")
    assert "关闭" not in capsys.readouterr().out


def test_a_record_is_told_in_the_names_that_people_use(capsys: pytest.CaptureFixture[str]) -> None:
    record = {
        "record_type": "business-licence",
        "record_id": "610116100900003",
        "source": "market-regulation",
        "withdrawn": False,
        "content": {"state": "有效"},
        "version": 1,
        "valid_at": 1_740_787_200_000_000,
        "known_at": 1_740_787_200_000_000,
        "history": [],
        "provenance": {"topic": "licence.market-regulation", "partition": 0, "offset": 7},
    }
    print_archive(BODY | {"records": [record]}, "zh")
    told = capsys.readouterr().out
    assert "营业执照" in told
    assert "市市场监管局" in told
