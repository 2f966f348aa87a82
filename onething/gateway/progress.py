"""A verification as it fills in: a table that is redrawn on a terminal, line after line anywhere else."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from processors.domain.report_words import ANSWER_WORDS, Lang

MISSING_ANSWERS: Final = frozenset(("unavailable", "timed-out", "source-behind", "no-such-subject"))
"""Answers after which something was not verified."""

_STYLES: Final = {
    "clear": "green",
    "found": "bold red",
    "disputed": "yellow",
    "source-behind": "yellow",
    "timed-out": "magenta",
    "unavailable": "magenta",
    "no-such-subject": "magenta",
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "number": "序号",
        "check": "核查事项",
        "departments": "责任单位",
        "answer": "核查结论",
        "elapsed": "用时",
        "open": "核查中…",
        "asked": "待部门答复",
        "verdict": "结论",
        "count": "{answer} {count} 项",
        "case": "办件 {case_id}　{name}",
        "subjects": "被核查主体 {subjects}　用途 {purpose}　追溯 {years} 年　时限 {deadline}",
    },
    "en": {
        "number": "No.",
        "check": "check",
        "departments": "departments",
        "answer": "answer",
        "elapsed": "elapsed",
        "open": "checking…",
        "asked": "department asked",
        "verdict": "verdict",
        "count": "{answer}: {count}",
        "case": "case {case_id}  {name}",
        "subjects": "subjects {subjects}  purpose {purpose}  {years} years back  due {deadline}",
    },
}


def show_progress(views: Iterable[dict[str, Any]], console: Console, lang: Lang) -> dict[str, Any]:
    """Show each view as it comes; the last one.

    Raises:
        ValueError: there was no view at all.
    """
    shown = _live(views, console, lang) if console.is_terminal else _line_by_line(views, console, lang)
    if shown is None:
        raise ValueError("a verification has at least one view")
    console.print(verdict(shown, lang))
    return shown


def verdict(view: dict[str, Any], lang: Lang) -> Text:
    """How many lines say what, in one line."""
    words, answers = _WORDS[lang], ANSWER_WORDS[lang]
    counted: dict[str, int] = {}
    for line in view["lines"]:
        counted[line["answer"]] = counted.get(line["answer"], 0) + 1
    told = Text(f"{words['verdict']}：" if lang == "zh" else f"{words['verdict']}: ", style="bold")
    for place, answer in enumerate(each for each in (*_STYLES, None) if each in counted):
        word = words["open"] if answer is None else answers[answer]
        told.append("，" if place and lang == "zh" else ", " if place else "")
        told.append(words["count"].format(answer=word, count=counted[answer]), style=_STYLES.get(answer or "", ""))
    return told


def is_complete(view: dict[str, Any]) -> bool:
    """Whether every line of the case has been verified."""
    return all(line["answer"] is not None and line["answer"] not in MISSING_ANSWERS for line in view["lines"])


def progress_table(view: dict[str, Any], lang: Lang) -> Table:
    """The lines of a case as they stand."""
    words = _WORDS[lang]
    table = Table(title=_title(view, words), title_justify="left", title_style="", expand=False)
    table.add_column(words["number"], justify="right")
    table.add_column(words["check"], overflow="fold")
    table.add_column(words["departments"], overflow="fold")
    table.add_column(words["answer"], no_wrap=True)
    table.add_column(words["elapsed"], justify="right", no_wrap=True)
    for line in view["lines"]:
        answer = Text(_answer(line, lang), style=_STYLES.get(line["answer"] or "", "dim"))
        table.add_row(str(line["number"]), line["text"], _departments(line), answer, _elapsed(line))
    return table


def _live(views: Iterable[dict[str, Any]], console: Console, lang: Lang) -> dict[str, Any] | None:
    shown = None
    with Live(console=console, auto_refresh=False, vertical_overflow="visible") as live:
        for shown in views:
            live.update(progress_table(shown, lang), refresh=True)
    return shown


def _line_by_line(views: Iterable[dict[str, Any]], console: Console, lang: Lang) -> dict[str, Any] | None:
    told: dict[str, str] = {}
    shown = None
    for shown in views:
        if not told:
            console.print(_title(shown, _WORDS[lang]), soft_wrap=True)
        for line in shown["lines"]:
            said = _answer(line, lang)
            if said != told.get(line["check_id"], _WORDS[lang]["open"]):
                parts = (f"{line['number']:>2}.", line["text"], _departments(line), said, _elapsed(line))
                console.print("  ".join(part for part in parts if part), soft_wrap=True, highlight=False)
            told[line["check_id"]] = said
    return shown


def _title(view: dict[str, Any], words: Mapping[str, str]) -> str:
    head = words["case"].format(case_id=view["case_id"], name=view["bundle"]["name"])
    asked = words["subjects"].format(
        subjects="、".join(each.partition(":")[2] for each in view["subjects"]),
        purpose=view["purpose"],
        years=view["look_back_years"],
        deadline=view["deadline_at"][:19].replace("T", " "),
    )
    return f"{head}\n{asked}"


def _answer(line: dict[str, Any], lang: Lang) -> str:
    words = _WORDS[lang]
    if line["answer"] is not None:
        return ANSWER_WORDS[lang][line["answer"]]
    asked = any(part["task"] and part["task"]["status"] in ("open", "handled") for part in line["parts"])
    return words["asked"] if asked else words["open"]


def _departments(line: dict[str, Any]) -> str:
    return "、".join(each["name"] for each in line["departments"])


def _elapsed(line: dict[str, Any]) -> str:
    elapsed_ms = line["elapsed_ms"]
    if elapsed_ms is None:
        return ""
    return f"{elapsed_ms} ms" if elapsed_ms < 10_000 else f"{elapsed_ms / 1000:.1f} s"  # noqa: PLR2004
