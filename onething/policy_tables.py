"""Policies, matches and trials as people read them on a terminal, Chinese first."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from catalog.policies import Condition, Policy
from catalog.resources import load_resources
from onething.rows import Row

KINDS: Final = {"case": "生成办件", "notice": "推送通知"}
AUDIENCES: Final = {"enterprise": "企业", "person": "个人"}
OUTCOMES: Final = {"matched": "符合", "not-matched": "不符合", "cannot-tell": "不能断定"}
STATES: Final = {"holds": "✓ 符合", "fails": "✗ 不符合", "cannot-tell": "？ 不能断定"}
ORIGINS: Final = {"ours": "示例，由平台拟定", "source": "来源"}
_UNBROKEN: Final = ("政策", "对象", "匹配后", "成立", "预筛排除", *STATES.values())
_REASONS: Final = 3


def print_list(rows: Sequence[Row]) -> None:
    """Print a line a policy."""
    _print_table(
        ("政策", "名称", "主管部门", "对象", "匹配后", "有效期"),
        [
            (
                str(row["id"]),
                str(row["name"]),
                str(row["department"]),
                AUDIENCES[str(row["audience"])],
                KINDS[str(row["makes"])],
                f"{row['valid_from']} 至 {row['valid_to']}",
            )
            for row in rows
        ],
    )


def print_policy(row: dict[str, Any]) -> None:
    """Print all of a policy."""
    typer.echo("\n  ".join(_head(row)))
    _print_table(
        ("条件", "内容", "成立", "数据资源", "列式预筛"),
        [
            (
                each["id"],
                each["text"],
                "有记录" if each["passes"] == "found" else "无记录",
                "\n".join(f"{read['name']}（{read['coverage_max_age_days']}日内）" for read in each["reads"]),
                each["prefilter"] or "",
            )
            for each in row["conditions"]
        ],
    )


def print_match(found: dict[str, Any]) -> None:
    """Print what becomes of one policy for a subject, condition by condition."""
    typer.echo(f"{found['name']}（{found['policy']}）：{OUTCOMES[found['outcome']]}    {found['benefit']}")
    for each in found["conditions"]:
        typer.echo(f"  {STATES[each['state']]}  {each['text']}：{each['reason']}")


def print_progress(trial: dict[str, Any]) -> None:
    """Show how far a trial has come, where somebody looks at a terminal."""
    if sys.stderr.isatty() and not trial["is_complete"]:
        matched = trial["outcomes"].get("matched", 0)
        sys.stderr.write(f"\r  {trial['facts']:,} 条事实，{trial['subjects']:,} 份档案，符合 {matched:,} …")
        sys.stderr.flush()


def print_trial(policy: Policy, trial: dict[str, Any]) -> None:
    """Print what a trial came to: counts, reasons condition by condition, samples, both rates."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    typer.echo(f"{policy.name}（{policy.id}，第 {policy.version} 版）试算")
    typer.echo(f"  {_counts(policy, trial)}")
    _print_table(
        ("条件", "预筛排除", *(STATES.values()), "未成立的原因"),
        [_condition_row(each, trial) for each in policy.conditions],
    )
    for line in _notes(policy, trial):
        typer.echo(f"  {line}")


def _head(row: dict[str, Any]) -> Iterator[str]:
    amount, outcome = row["benefit"]["amount_fen"], row["outcome"]
    yield f"{row['name']}（{row['id']}，第 {row['version']} 版，{ORIGINS[row['origin']]}）"
    yield f"主管部门：{row['department']}    对象：{AUDIENCES[row['audience']]}"
    yield f"有效期：{row['valid_from']} 至 {row['valid_to']}"
    yield f"依据：{row['basis']}"
    yield f"内容：{row['benefit']['text']}" + (f"（{amount / 100:,.2f} 元）" if amount else "")
    bundle = f"（{outcome['bundle']}）" if outcome["bundle"] else ""
    yield f"匹配后：{KINDS[outcome['kind']]}{bundle}：{outcome['text']}"


def _counts(policy: Policy, trial: dict[str, Any]) -> str:
    outcomes = trial["outcomes"]
    counts = "，".join(f"{text} {outcomes.get(name, 0):,}" for name, text in OUTCOMES.items())
    dropped = trial["subjects"] - trial["candidates"]
    return f"{AUDIENCES[policy.audience]}档案 {trial['subjects']:,} 份：{counts}，预筛排除 {dropped:,}"


def _condition_row(condition: Condition, trial: dict[str, Any]) -> tuple[str, ...]:
    states = trial["states"].get(condition.id, {})
    reasons = sorted(trial["reasons"].get(condition.id, {}).items(), key=lambda each: -each[1])
    return (
        condition.text,
        f"{trial['dropped'].get(condition.id, 0):,}",
        *(f"{states.get(name, 0):,}" for name in STATES),
        "\n".join(f"{reason} {count:,}" for reason, count in reasons[:_REASONS]),
    )


def _notes(policy: Policy, trial: dict[str, Any]) -> Iterator[str]:
    for outcome in ("matched", "cannot-tell"):
        if samples := trial["samples"].get(outcome):
            yield f"{OUTCOMES[outcome]}，例如："
            yield from (f"  {subject}" for subject in samples)
    yield f"列式预筛：{trial['facts']:,} 条事实，每秒 {trial['facts_per_s']:,.0f} 条"
    yield f"完整评估：{trial['candidates']:,} 份档案，每秒 {trial['archives_per_s']:,.0f} 份"
    if silent := _silent(policy, trial):
        yield f"注意：{'、'.join(silent)}未作覆盖声明，预筛排除者中可能有尚未上报的"


def _silent(policy: Policy, trial: dict[str, Any]) -> list[str]:
    """Names of the resources that must hold something, and whose sources have not stated to be complete."""
    names = load_resources().by_code
    asked = {code for each in policy.conditions if each.passes == "found" for code in each.resources}
    return [f"“{names[code].name}”" for code in sorted(asked) if trial["coverage"].get(code, 0) is None]


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in _UNBROKEN)
    for row in rows:
        # Texts of definitions are no markup.
        table.add_row(*map(Text, row))
    Console().print(table)
