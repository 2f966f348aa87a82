"""What a rule asks of one record, told by columns: never more than the rule asks."""

import pytest

from catalog.record_filters import filter_of


def rule(body: str) -> str:
    return f"records.filter(r, {body}).map(r, r.event_id)"


@pytest.mark.parametrize(
    ("body", "understood"),
    [
        ('r.content.state == "存续"', 'state == "存续"'),
        ('r.content.a == "x" && r.content.b >= today - 3', 'a == "x" && b >= today - 3'),
        ("(r.content.a == null || r.content.a >= today)", "(a == null || a >= today)"),
        ("r.content.a == null || r.content.a >= today", "(a == null || a >= today)"),
        ("r.valid_at >= now - 365 * day && r.version > 1", "valid_at >= now - 365 * day && version > 1"),
        (
            'r.content.t.startsWith("6101") && r.content.k in ["a", "b && c"]',
            't startsWith "6101" && k in ["a", "b && c"]',
        ),
        ('r.content.a == "x" && r.content.b.endsWith("y")', 'a == "x"'),
        ('r.content.a == "(" && r.content.b == ")"', 'a == "(" && b == ")"'),
        ('r.content.a == "say \\"&&\\"" && r.content.b == 1', 'a == "say \\"&&\\"" && b == 1'),
        ("r.content.a >= -1", "a >= -1"),
    ],
)
def test_simple_comparisons_are_understood(body: str, understood: str) -> None:
    assert str(filter_of(rule(body))) == understood


@pytest.mark.parametrize(
    "body",
    [
        "r.content.a == 1 || r.content.b == 2 && r.content.c > 3",
        'r.content.a == "x" && now > 3 ? r.content.b == 1 : true',
        '!(r.content.a == "x")',
        "r.content.a == r.content.b",
        "(r.content.a == 1 || r.content.b == r.content.c)",
        "r.content.a == 1 == true",
        "r.content.a == (now > 1 ? 1 : 2)",
        'r.content.a == r"\\" && r.content.b == "x"',
        'r.content.a == "x" // && r.content.b == "y"',
        "has(r.content.a)",
        "r.content.a",
    ],
)
def test_what_is_not_understood_is_left_out(body: str) -> None:
    assert filter_of(rule(body)).clauses == ()


@pytest.mark.parametrize(
    "whole",
    [
        "size(records.filter(r, r.content.a == 1)) > 2 ? records.map(r, r.event_id) : []",
        "records.filter(r, r.content.a == 1).filter(r, r.content.b == 2).map(r, r.event_id)",
        "records.filter(r, r.content.a == 1).map(r, r.content.a)",
        "records.map(r, r.event_id)",
    ],
)
def test_another_form_of_rule_has_no_filter(whole: str) -> None:
    assert filter_of(whole).clauses == ()


def test_values_are_those_of_the_instant() -> None:
    ((comparison,),) = filter_of(rule("r.content.a >= now - 2 * day")).clauses
    assert comparison.value({"now": 10, "today": 0, "day": 3}) == 4
