"""What a CEL rule over records asks of a single record, as far as it can be told by comparing columns.

``records.filter(r, A && B && C).map(r, r.event_id)`` finds nothing where no record fulfils A. Of the parts that are
joined by ``&&``, those are taken that compare one field with a value that no record decides (``"存续"``,
``now - 365 * day``), or that join such comparisons by ``||``. What is not understood is left out: the filter then lets
more records pass than the rule, never fewer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import cel

Value = str | int | bool | None
Operator = Literal["==", "!=", ">=", "<=", ">", "<", "in", "startsWith"]

_WHOLE: Final = re.compile(
    r"\s*records\.filter\(\s*(?P<name>[a-z]\w*)\s*,(?P<body>.*)\)\s*\.map\(\s*(?P=name)\s*,\s*(?P=name)\.event_id\s*\)\s*",
    re.DOTALL,
)
_UNREAD: Final = re.compile(r"//|(?<!\w)[rRbB][\"']|\"{3}|'{3}")
"""Comments and the rarer forms of text: places in them are not told apart here."""
_FIELD: Final = r"\s*{name}\.(?:content\.(?P<field>\w+)|(?P<common>valid_at|version|resource|record_type|record_id))"
_COMPARED: Final = _FIELD + r"\s*(?P<operator>==|!=|>=|<=|>|<|\bin\b)\s*(?P<operand>.+)"
_STARTS: Final = _FIELD + r"\.startsWith\((?P<operand>[^()]+)\)\s*"
_OPENING, _CLOSING, _QUOTES = "([{", ")]}", "\"'"


@dataclass(frozen=True)
class Comparison:
    """One field of a record against a value, which is CEL over ``now``, ``today`` and ``day`` only."""

    field: str
    operator: Operator
    operand: str

    def value(self, variables: Mapping[str, int]) -> Value | list[Value]:
        """Return what the field is compared with."""
        found: Value | list[Value] = _operand(self.operand).execute(dict(variables))
        return found

    def __str__(self) -> str:
        return f"{self.field} {self.operator} {self.operand}"


#: Alternatives, one of which a record must fulfil.
Clause = tuple[Comparison, ...]


@dataclass(frozen=True)
class RecordFilter:
    """What at least one record must fulfil for a rule to find anything: every clause."""

    clauses: tuple[Clause, ...]

    def __str__(self) -> str:
        return " && ".join(_written(clause) for clause in self.clauses)


def filter_of(rule: str) -> RecordFilter:
    """Return what the rule's records must fulfil; a filter without clauses where the rule has another form."""
    whole = _WHOLE.fullmatch(rule)
    if whole is None or _UNREAD.search(rule) or not _is_closed(whole["body"]):
        return RecordFilter(())
    clauses = (_clause(part, whole["name"]) for part in _joined(whole["body"]))
    return RecordFilter(tuple(clause for clause in clauses if clause))


def _joined(body: str) -> list[str]:
    """The parts that must all hold; ``?:`` and ``||`` bind weaker than ``&&``, so where they stand all is one part."""
    if any(depth == 0 and body[at] == "?" for at, depth in _depths(body)):
        return []
    return [body] if len(list(_apart(body, "||"))) > 1 else list(_apart(body, "&&"))


def _written(clause: Clause) -> str:
    alternatives = " || ".join(map(str, clause))
    return alternatives if len(clause) == 1 else f"({alternatives})"


def _clause(text: str, name: str) -> Clause | None:
    alternatives = [_comparison(part, name) for part in _apart(_bare(text), "||")]
    known = tuple(each for each in alternatives if each is not None)
    return known if len(known) == len(alternatives) else None


def _comparison(text: str, name: str) -> Comparison | None:
    bare = _bare(text)
    starts = re.fullmatch(_STARTS.format(name=name), bare, re.DOTALL)
    found = starts or re.fullmatch(_COMPARED.format(name=name), bare, re.DOTALL)
    if found is None or not _is_of_no_record(found["operand"]):
        return None
    operator: Operator = "startsWith" if starts else found["operator"]  # type: ignore[assignment]
    return Comparison(found["field"] or found["common"], operator, found["operand"].strip())


def _is_of_no_record(operand: str) -> bool:
    """Whether the operand can be evaluated before any record is looked at."""
    try:
        program = _operand(operand.strip())
        program.execute({"now": 1_790_000_000_000_000, "today": 20_700, "day": 86_400_000_000})
    except (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError):
        return False
    return not {"_&&_", "_||_", "_?_:_", "_==_", "_!=_", "!_"} & set(program.functions())


@cache
def _operand(text: str) -> cel.Program:
    return cel.compile(text)


def _bare(text: str) -> str:
    """The text without parentheses around all of it."""
    bare = text.strip()
    while bare.startswith("(") and bare.endswith(")") and _is_closed(bare[1:-1]):
        bare = bare[1:-1].strip()
    return bare


def _is_closed(text: str) -> bool:
    """Whether no parenthesis closes before it opened, and none stays open."""
    depths = [0, *(depth for _, depth in _depths(text))]
    return min(depths) >= 0 and depths[-1] == 0


def _apart(text: str, joint: str) -> Iterator[str]:
    """The parts between the joints that stand in no parentheses and no text."""
    start = 0
    for at, depth in _depths(text):
        if depth == 0 and at >= start and text.startswith(joint, at):
            yield text[start:at]
            start = at + len(joint)
    yield text[start:]


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each place outside of quoted texts, with how many parentheses are open behind it."""
    depth, quote, escaped = 0, "", False
    for at, character in enumerate(text):
        if quote:
            quote = quote if escaped or character != quote else ""
            escaped = character == "\\" and not escaped
            continue
        quote = character if character in _QUOTES else ""
        depth += (character in _OPENING) - (character in _CLOSING)
        yield at, depth
