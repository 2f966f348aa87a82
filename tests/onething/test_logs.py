import json
import logging
from collections.abc import Iterator
from datetime import date

import pytest
import structlog

from onething.logs import configure_logs, masked
from onething.settings import LogSettings
from topics.identifiers import make_resident_id, make_uscc

RESIDENT = make_resident_id("610113", date(1980, 2, 29), 12)


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_an_id_number_is_masked_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(format="json"), "archive-0")
    structlog.get_logger().warning("person %s", RESIDENT, deep={"list": [f"身份证{RESIDENT}号"]}, count=3)
    logging.getLogger("library").error("refused %s", RESIDENT)
    try:
        int(RESIDENT + "?")
    except ValueError:
        structlog.get_logger().exception("failed")
    told = capsys.readouterr().err
    assert RESIDENT not in told
    lines = [json.loads(line) for line in told.splitlines()]
    assert {line["part"] for line in lines} == {"archive-0"}
    assert lines[0]["event"] == "person ***"
    assert lines[0]["count"] == 3
    assert {line["level"] for line in lines} == {"warning", "error"}


def test_what_is_no_id_number_stays() -> None:
    uscc = make_uscc("91", "610131", 7)
    assert masked(f"enterprise:{uscc} 123456789012345678") == f"enterprise:{uscc} 123456789012345678"
    assert masked(12) == 12


def test_less_than_the_level_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(LogSettings(level="error"), "gateway-0")
    structlog.get_logger().warning("quiet")
    assert capsys.readouterr().err == ""
