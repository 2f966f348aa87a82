import re
from pathlib import Path

import pytest

import processors.domain.handling
from onething.gateway.refusal_words import STANDING, UNFIT, field_of, is_of_words, title_and_remedy
from processors.domain.requests import Refusal

OF_APPLICATIONS = frozenset(
    """bad-agent bad-case-id bad-count bad-level bad-place bad-subject choice-repeated no-address no-authority
    nothing-applies question-open unknown-bundle unknown-choice unknown-question unrouted-items wrong-subject-kind
    no-such-case not-taken""".split()  # noqa: SIM905  read as words
)
"""Codes that the doors find before the rule does, or that no request of theirs can lead to."""


def test_every_refusal_of_a_case_is_told_in_chinese_with_a_remedy() -> None:
    sources = Path(processors.domain.handling.__file__).parent.glob("*.py")
    codes = {code for each in sources for code in re.findall(r'Refusal\(\s*"([a-z-]+)"', each.read_text("utf-8"))}
    assert len(codes) > 50
    assert codes - OF_APPLICATIONS - UNFIT.keys() - STANDING.keys() == set()


def test_nothing_is_told_twice() -> None:
    assert not UNFIT.keys() & STANDING.keys()
    titles = [words[-2] for words in (*UNFIT.values(), *STANDING.values())]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("code", "detail", "field", "of_words"),
    [
        ("no-reason", "refuse gives its reason", "reason", True),
        ("too-long", "note: 3000 characters", "note", True),
        ("bad-text", "reason holds a control character", "reason", True),
        ("same-person", "who handled …", "reviewed_by", False),
        ("case-ended", "the case is delivered", "body", False),
        ("never-heard-of", "?", "body", False),
    ],
)
def test_a_refusal_names_its_field(code: str, detail: str, field: str, *, of_words: bool) -> None:
    refusal = Refusal(code, detail)
    assert (field_of(refusal), is_of_words(refusal)) == (field, of_words)
    assert all(title_and_remedy(refusal))
