"""Where one can go: entries that pages register, in groups by who uses them."""

from dataclasses import dataclass
from typing import Final, Literal

from onething.console.language import Words

Group = Literal["services", "departments", "bureau", "public"]

GROUPS: Final[dict[Group, Words]] = {
    "services": Words("办事服务", "Services"),
    "departments": Words("部门工作", "Departments"),
    "bureau": Words("数据局", "Data bureau"),
    "public": Words("公众", "Public"),
}


@dataclass(frozen=True, order=True)
class Entry:
    """One entry: where it leads, its name, and its place within its group."""

    order: int
    path: str
    words: Words
    group: Group


_ENTRIES: dict[str, Entry] = {}


def add(entry: Entry) -> None:
    """Offer an entry; the same path again takes its place."""
    _ENTRIES[entry.path] = entry


def entries(group: Group) -> list[Entry]:
    """What a group offers, in its order."""
    return sorted(each for each in _ENTRIES.values() if each.group == group)


def current(path: str) -> Entry | None:
    """The entry that a page belongs to: the longest one that its path lies under."""
    fitting = [each for each in _ENTRIES.values() if lies_under(path, each.path)]
    return max(fitting, key=lambda each: len(each.path), default=None)


def lies_under(path: str, entry: str) -> bool:
    """Whether a page's path is the entry's own or below it."""
    return path == entry or (entry != "/" and path.startswith(entry.rstrip("/") + "/"))
