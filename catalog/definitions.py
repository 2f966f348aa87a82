"""Definition files: TOML read into frozen records, every fault at once with its file and place."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

Definition = TypeVar("Definition")

#: A definition's record refuses fields that it does not know: a misspelt field must not be passed over in silence.
EXACT: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a definition file; ``place`` is a path such as ``organisation[3].level``."""

    file: str
    place: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file if self.line is None else f'{self.file}:{self.line}'}: {self.place}: {self.reason}"


class DefinitionFaultsError(Exception):
    """Definition files do not hold together; ``faults`` lists everything found, in file order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        lines = "\n".join(f"  {fault}" for fault in self.faults)
        super().__init__(f"{len(self.faults)} fault(s) in definition files; correct them and start again:\n{lines}")


def read_definition(path: Path, shape: type[Definition]) -> Definition:
    """Return the file's content in the given shape (frozen dataclasses, tuples, strings, integers).

    Raises:
        DefinitionFaultsError: the file is missing, is no TOML, or has fields missing, unknown or of another type.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DefinitionFaultsError([Fault(path.name, str(path.parent), "no such file in this folder")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise DefinitionFaultsError([Fault(path.name, "text", str(broken))]) from broken
    shaped: Definition = _shaped(path, content, shape)
    return shaped


def _shaped(path: Path, content: dict[str, Any], shape: Any) -> Any:
    try:
        # JSON mode is strict about scalars (no "3" for 3) and still takes lists where tuples are declared.
        return _reader_of(shape).validate_json(json.dumps(content, default=str), strict=True)
    except ValidationError as refused:
        faults = [Fault(path.name, _place(error["loc"]), error["msg"]) for error in refused.errors()]
        raise DefinitionFaultsError(faults) from None


@cache
def _reader_of(shape: Any) -> TypeAdapter[Any]:
    # Many files have one shape, and building its reader takes longer than reading a file.
    return TypeAdapter(shape)


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")


def repeated(values: Iterable[str]) -> Iterator[str]:
    """Yield each value that occurs more than once, in order of its first place."""
    return (value for value, times in Counter(values).items() if times > 1)


def demand_none(faults: Iterable[Fault]) -> None:
    """Pass when there is no fault.

    Raises:
        DefinitionFaultsError: there are faults; all of them are named.
    """
    found = tuple(faults)
    if found:
        raise DefinitionFaultsError(found)
