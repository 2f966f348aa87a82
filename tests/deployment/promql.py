"""A strict reader of the part of PromQL that the shipped rules and panels are written in; anything else is a fault."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"\s*(?:(?P<duration>\d+[smhd])|(?P<number>\d+(?:\.\d+)?)|(?P<string>\"[^\"]*\")|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r"|(?P<sign>=~|!~|!=|>=|<=|==|[-+*/(){}\[\],=<>]))"
)
AGGREGATORS = {"sum", "max", "min", "avg", "count", "topk"}
FUNCTIONS = {
    "rate": "range",
    "increase": "range",
    "histogram_quantile": "number vector",
    "absent": "vector",
    "vector": "number",
}
BINARY = {"+", "-", "*", "/", ">", "<", ">=", "<=", "==", "!=", "or", "and", "unless"}


class NotPromQL(Exception):  # noqa: N818  the name is the fact
    """The expression cannot be read."""


@dataclass(frozen=True)
class Selector:
    """A metric and the labels that it is chosen or grouped by."""

    metric: str
    labels: tuple[str, ...]
    is_range: bool


@dataclass
class Parsed:
    """Every selector of an expression, and every label that results are grouped by."""

    selectors: list[Selector] = field(default_factory=list)
    grouped_by: set[str] = field(default_factory=set)


def parsed(text: str) -> Parsed:
    """What an expression asks for.

    Raises:
        NotPromQL: it is malformed, or uses what the hub's files need not use.
    """
    reader = _Reader(_tokens(text), text)
    reader.expression()
    reader.end()
    return reader.found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while place < len(text.rstrip()):
        match = TOKEN.match(text, place)
        if match is None:
            raise NotPromQL(f"{text!r}: nothing known at {text[place:]!r}")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        place = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens, self.text, self.place = tokens, text, 0
        self.found = Parsed()

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self, *expected: str) -> str:
        kind, value = self.peek()
        if expected and value not in expected and kind not in expected:
            raise NotPromQL(f"{self.text!r}: {' or '.join(expected)} is due, not {value!r}")
        self.place += 1
        return value

    def end(self) -> None:
        if self.place != len(self.tokens):
            raise NotPromQL(f"{self.text!r}: nothing follows, but {self.peek()[1]!r} does")

    def expression(self) -> str:
        kind = self.term()
        while self.peek()[1] in BINARY:
            self.take()
            other = self.term()
            if "range" in (kind, other):
                raise NotPromQL(f"{self.text!r}: a range is no operand")
            kind = "vector" if "vector" in (kind, other) else "number"
        return kind

    def term(self) -> str:
        kind, value = self.peek()
        if kind == "number":
            self.take()
            return "number"
        if value == "(":
            self.take()
            inner = self.expression()
            self.take(")")
            return inner
        if kind != "name":
            raise NotPromQL(f"{self.text!r}: a value is due, not {value!r}")
        if value in AGGREGATORS:
            return self.aggregation()
        if value in FUNCTIONS:
            return self.function()
        return self.selector()

    def aggregation(self) -> str:
        if self.take() == "topk":
            self.take("(")
            self.take("number")
            self.take(",")
            return self.rest_of_call("vector")
        if self.peek()[1] == "by":
            self.take()
            self.found.grouped_by |= set(self.names())
        self.take("(")
        return self.rest_of_call("vector")

    def names(self) -> list[str]:
        self.take("(")
        found = [self.take("name")]
        while self.peek()[1] == ",":
            self.take()
            found.append(self.take("name"))
        self.take(")")
        return found

    def function(self) -> str:
        kinds = FUNCTIONS[self.take()].split()
        self.take("(")
        for number, kind in enumerate(kinds):
            if number:
                self.take(",")
            self.argument(kind)
        self.take(")")
        return "vector"

    def rest_of_call(self, kind: str) -> str:
        self.argument(kind)
        self.take(")")
        return "vector"

    def argument(self, kind: str) -> None:
        given = self.expression()
        if given != kind:
            raise NotPromQL(f"{self.text!r}: a {kind} is due, not a {given}")

    def selector(self) -> str:
        metric, labels = self.take("name"), []
        if self.peek()[1] == "{":
            self.take()
            while self.peek()[1] != "}":
                labels.append(self.take("name"))
                self.take("=", "!=", "=~", "!~")
                self.take("string")
                if self.peek()[1] == ",":
                    self.take()
            self.take("}")
        is_range = self.peek()[1] == "["
        if is_range:
            self.take()
            self.take("duration")
            self.take("]")
        self.found.selectors.append(Selector(metric, tuple(labels), is_range))
        return "range" if is_range else "vector"
