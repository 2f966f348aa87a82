"""Lanes: one for every item or check of a case, each filling in as its department answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import ui

from onething.console.case_words import Word
from onething.console.language import t
from onething.console.markup import Markup, badge_markup, tagged
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
        self._drawn: dict[int, ui.html] = {}

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
                self._drawn[lane.number] = ui.html("", sanitize=False, tag="li")
        place = self._drawn[lane.number]
        place.classes(replace=f"lane {lane.word[1]}")
        place.set_content(lane_markup(lane))


def lane_markup(lane: Lane) -> Markup:
    """What a lane shows."""
    parts = (
        tagged("span", lane.number),
        tagged("span", lane.title),
        tagged("span", lane.who or " ", class_="who-answers"),
        badge_markup(*lane.word),
        tagged("span", lane.took or " ", class_="took"),
        tagged("span", lane.reason, class_="reason") if lane.reason else "",
    )
    return Markup("".join(parts))
