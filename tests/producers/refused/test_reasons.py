import pytest

from producers.fault_texts import TEXTS
from producers.faults import fault
from producers.refused.reasons import Reason, reason_of


@pytest.mark.parametrize("code", TEXTS)
@pytest.mark.parametrize("place", ["", "content.state", "subject"])
def test_every_fault_of_the_doors_is_read_back_with_its_remedy(code: str, place: str) -> None:
    told = fault(code, place, "x", "PenaltyImposed LicenceIssued")
    assert reason_of(told.line()) == Reason(code, place, *told.told("zh"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("trailing-bytes: 3 bytes follow the record", "记录之后还有多余字节（3 bytes follow the record）"),
        ("made-up: some: words", "some: words"),
        ("no colon at all", "no colon at all"),
        ("", ""),
    ],
)
def test_any_line_is_a_reason_with_something_to_do(line: str, expected: str) -> None:
    told = reason_of(line)
    assert told.reason == expected
    assert told.remedy
