from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.live.health import BAD, GOOD, UNKNOWN, State, health_rule, health_rule_of, judged

RULE = health_rule()
LIMITS = RULE.limits
_BEGUN: tuple[State, ...] = (GOOD, BAD)
TEXT = """
version = 1
name = "规则"
basis = "试"
window_s = 60
look_s = 1
minimum_sample = 1
failed = []
[limits.p50_s]
bad = 5.0
good = {good}
name = "用时"
unit = "秒"
{more}
"""


@pytest.mark.parametrize(
    ("previous", "measured", "state"),
    [
        (UNKNOWN, {}, UNKNOWN),
        (GOOD, {"success_share": None}, UNKNOWN),
        (UNKNOWN, {"success_share": 0.95}, GOOD),
        (UNKNOWN, {"success_share": 0.9499}, BAD),
        (GOOD, {"success_share": 0.96}, GOOD),
        (BAD, {"success_share": 0.96}, BAD),
        (BAD, {"success_share": 0.97}, GOOD),
        (BAD, {"success_share": 0.97, "coverage_cycles": 1.6}, BAD),
        (GOOD, {"success_share": 0.99, "archive_p50_s": 5.1}, BAD),
        (BAD, {}, UNKNOWN),
    ],
)
def test_a_source_is_judged(previous: State, measured: dict[str, float | None], state: State) -> None:
    assert judged(previous, measured, LIMITS).state == state


def test_every_limit_that_is_passed_is_told_in_chinese() -> None:
    why = judged(GOOD, {"success_share": 0.8, "coverage_cycles": 40.0}, LIMITS).why
    assert why == ("成功率 80.0%，低于 95.0%", "覆盖滞后 40.0 个更新周期，高于 2.0 个更新周期")
    assert judged(BAD, {"success_share": 0.96}, LIMITS).why == ("尚未恢复：成功率 96.0%，低于 97.0%",)


@given(st.lists(st.floats(0.95, 0.9699)))
def test_between_the_limits_nothing_flickers(shares: list[float]) -> None:
    for begun in _BEGUN:
        states: list[State] = [begun]
        for share in shares:
            states.append(judged(states[-1], {"success_share": share}, LIMITS).state)
        assert all(before == after for before, after in pairwise(states))


def test_a_department_can_have_limits_of_its_own() -> None:
    rule = health_rule_of(TEXT.format(good=4.0, more="[override.tax.p50_s]\nbad = 50.0"))
    assert judged(UNKNOWN, {"p50_s": 20.0}, rule.limits_of("tax")).state == GOOD
    assert judged(UNKNOWN, {"p50_s": 20.0}, rule.limits_of("labour")).state == BAD


def test_faults_of_a_rule_are_told_all_at_once() -> None:
    with pytest.raises(ValueError, match=r"limits\.p50_s: good .6. is bad by its own limit .5.") as fault:
        health_rule_of(TEXT.format(good=6.0, more="[override.tax.speed]\nbad = 1.0"))
    assert "override.tax.speed: no limit has this name" in str(fault.value)


def test_the_rule_says_that_it_is_ours() -> None:
    assert "本平台设定" in RULE.basis
