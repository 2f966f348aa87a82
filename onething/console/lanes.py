"""Lanes: one for every item or check of a case, each filling in as its department answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from onething.console.case_words import Word
from onething.console.elements import badge, text
from onething.console.language import t
from onething.console.states import Announcer


@dataclass(frozen=True)
class Lane:
    """What one lane shows.

    Attributes:
        number: as the source numbers it.
        title: the item or check.
        who: who answers.
        word: its state.
        took: how long it took, empty before.
        reason: why, empty where there is nothing to say.
    """

    number: int
    title: str
    who: str
    word: Word
    took: str = ""
    reason: str = ""


class Lanes:
    """The lanes of a case; only those that changed are drawn anew, and read out."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._place = ui.element("ul").classes("lanes")
        self._shown: dict[int, Lane] = {}
        self._drawn: dict[int, ui.element] = {}

    def show(self, lanes: Sequence[Lane]) -> None:
        """Show these, in their order."""
        changed = [lane for lane in lanes if self._shown.get(lane.number) != lane]
        for lane in changed:
            self._draw(lane)
        if changed and self._shown:
            self._announcer.say(t("，", ", ").join(f"{each.title} {each.word[0]}" for each in changed))
        self._shown.update({lane.number: lane for lane in changed})

    def _draw(self, lane: Lane) -> None:
        if lane.number not in self._drawn:
            with self._place:
                self._drawn[lane.number] = ui.element("li")
        place = self._drawn[lane.number]
        words, tone = lane.word
        place.clear()
        place.classes(replace=f"lane {tone}")
        with place:
            text(lane.number)
            text(lane.title)
            text(lane.who, classes="who-answers")
            badge(words, tone)
            text(lane.took, classes="took")
            if lane.reason:
                text(lane.reason, classes="reason")
