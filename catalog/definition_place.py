"""Where definitions lie: the folder that ships with the code, or an operator's own in its place."""

from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Final, Protocol, TypeVar

SHIPPED_FOLDER: Final = Path(__file__).parent

Read_co = TypeVar("Read_co", covariant=True)
FolderOf = Callable[[], Path | None]


class Loader(Protocol[Read_co]):
    """Reads a definition file or folder, each once; without a path it reads the one in force."""

    def __call__(self, path: Path | None = None, /) -> Read_co:
        """Return what the file or folder says."""

    @property
    def __wrapped__(self) -> Callable[[Path], Read_co]:
        """The same for a path given, read afresh."""


class _Choice:
    """Whose folder is in force, asked when the first definition is read."""

    folder_of: FolderOf = staticmethod(lambda: None)


def choose_definitions(folder_of: FolderOf) -> None:
    """Let definitions be read from the folder that this returns; None: from the folder that ships with the code.

    Is called once, before the first definition is read: what was read before stays as it was.
    """
    _Choice.folder_of = staticmethod(folder_of)
    place_of.cache_clear()


@cache
def place_of(name: str) -> Path:
    """Return the path of a definition file or folder by its name: the chosen folder's own, else the shipped one."""
    chosen = _Choice.folder_of()
    own = None if chosen is None else chosen / name
    return own if own is not None and own.exists() else SHIPPED_FOLDER / name


def read_from(name: str) -> Callable[[Callable[[Path], Read_co]], Loader[Read_co]]:
    """Let a function of a path read what lies at ``place_of(name)`` when it is given none, and each path once."""

    def loader_of(read: Callable[[Path], Read_co]) -> Loader[Read_co]:
        once = cache(read)

        @wraps(read)
        def load(path: Path | None = None, /) -> Read_co:
            return once(path or place_of(name))

        return load

    return loader_of
