"""The same act on many rows: with progress, an outcome for each, and a refusal of one stopping no other."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui

from onething.console.department import confirm
from onething.console.elements import badge, box, button, fault_lines, text
from onething.console.hub import HubFault
from onething.console.language import t
from onething.console.merging import Row
from onething.console.tables import plain_table

AT_ONCE: Final = 6

One = Callable[[Row], Awaitable[str]]
"""Acts on a row, and says what came of it."""

Said = Mapping[str, Any]
Act = Callable[[Row, Said], Awaitable[str]]
"""Acts on a row with what was said of all of them, and says what came of it."""


@dataclass(frozen=True)
class Outcome:
    """What came of one row."""

    row: Row
    is_done: bool
    words: str


async def in_bulk(rows: Sequence[Row], act: One, progress: Callable[[int], object]) -> list[Outcome]:
    """Act on every row, a few at a time; ``progress`` is told how many have their outcome. In the rows' order."""
    turn, count = asyncio.Semaphore(AT_ONCE), 0

    async def one(row: Row) -> Outcome:
        nonlocal count
        async with turn:
            outcome = await _outcome(row, act)
        count += 1
        progress(count)
        return outcome

    return list(await asyncio.gather(*map(one, rows)))


async def _outcome(row: Row, act: One) -> Outcome:
    try:
        return Outcome(row, is_done=True, words=await act(row))
    except HubFault as fault:
        return Outcome(row, is_done=False, words="；".join((fault.title, *fault_lines(fault))))


async def act_on_many(
    title: str,
    rows: Sequence[Row],
    asked: Callable[[], Said],
    act: Act,
    name: Callable[[Row], object],
    after: Callable[[], Awaitable[object]],
) -> None:
    """Ask once what the act needs, then act on every row before the reader's eyes.

    Args:
        title: of the dialogs.
        rows: what is acted on.
        asked: draws the fields; their elements by the names under which ``act`` gets their values.
        act: acts on one.
        name: what a row is called among the outcomes.
        after: what the page does then.
    """
    said: dict[str, Any] = {}

    async def noted(words: Said) -> str:
        said.update(words)
        return t(f"共 {len(rows)} 项，正在提交…", f"{len(rows)} rows are on their way…")

    async def going() -> None:
        await shown_in_bulk(title, rows, lambda row: act(row, said), name, after)

    await confirm(title, asked, noted, going)


async def shown_in_bulk(
    title: str, rows: Sequence[Row], act: One, name: Callable[[Row], object], after: Callable[[], Awaitable[object]]
) -> None:
    """Act on the rows in a dialog that tells how far it is, and then what came of each."""
    with ui.dialog(value=True).props("persistent") as dialog, ui.card().classes("dialog wide"):
        text(title, "h2")
        with box() as place:
            place.props("aria-live=polite")
            told = text(t(f"0 / {len(rows)}", f"0 / {len(rows)}"))
            meter = ui.element("progress").props(f"max={len(rows)} value=0")
            meter.props["aria-label"] = title

        def progress(count: int) -> None:
            told.set_text(f"{count} / {len(rows)}")
            meter.props(f"value={count}")

        outcomes = await in_bulk(rows, act, progress)
        place.clear()
        with place:
            _outcomes(outcomes, name)
        with box("actions"):
            button(t("关闭", "Close"), dialog.close, "primary")
    await after()


def _outcomes(outcomes: Sequence[Outcome], name: Callable[[Row], object]) -> None:
    done = sum(each.is_done for each in outcomes)
    with box("inline state-line"):
        badge(t(f"成功 {done} 项", f"{done} done"), "good")
        if done < len(outcomes):
            badge(t(f"未成 {len(outcomes) - done} 项", f"{len(outcomes) - done} refused"), "bad")
    plain_table(
        t("逐项结果", "outcomes"),
        [
            (t("事项", "What"), lambda each: name(each.row)),
            (t("结果", "Outcome"), lambda each: lambda: _outcome_badge(each)),
            (t("说明", "Words"), lambda each: each.words),
        ],
        outcomes,
    )


def _outcome_badge(outcome: Outcome) -> None:
    badge(t("成功", "done") if outcome.is_done else t("未成", "refused"), "good" if outcome.is_done else "bad")
