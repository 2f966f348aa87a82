"""Values with lists and members inside as YAML, for programs; the same values as JSON come from ``json``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def yaml_text(value: Any) -> str:
    """Return a value of mappings, sequences, texts, numbers, booleans and None as a YAML document in block style."""
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, member in value.items():
            yield from _under(f"{_scalar(name) if not str(name).isidentifier() else name}:", member, "  ")
    elif _is_list(value) and value:
        for member in value:
            first, *rest = _lines(member)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _under(opening: str, value: Any, indent: str) -> Iterator[str]:
    if value and (isinstance(value, Mapping) or _is_list(value)):
        yield opening
        yield from (f"{indent}{line}" for line in _lines(value))
    else:
        yield f"{opening} {_scalar(value)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _scalar(value: Any) -> str:
    # JSON scalars are YAML scalars, so every text is quoted and none is taken for a number or a date.
    return json.dumps(value, ensure_ascii=False)
