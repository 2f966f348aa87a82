"""Building blocks of definitions: named queries that a definition's SQL reads as if they were tables.

A block is a file ``blocks/<name>.sql``. One that begins with ``-- rollup: <table>`` holds, per day, a function of that
day's rows of one table of the lake; it is kept beside the lake and read in place of the rows.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

BLOCKS_FOLDER: Final = Path(__file__).parent / "blocks"

_READ: Final = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b")
_ASKED: Final = re.compile(r"\$(as_of|from)\b")
_RAW: Final = ".raw.sql"
_ROLLED: Final = re.compile(r"-- rollup: ([a-z_]+)")


@dataclass(frozen=True)
class Block:
    """One block.

    Attributes:
        name: as other SQL reads it.
        about: what it holds, in a line.
        sql: the query.
        rolls: the table of the lake that it sums up day by day; ``""`` for one that is not kept.
        raw: a query of the same rows that reads the lake's own, for when the roll-ups that ``sql`` reads are not at
            hand; ``""``: ``sql`` does for both.
    """

    name: str
    about: str
    sql: str
    rolls: str = ""
    raw: str = ""


@cache
def load_blocks(folder: Path = BLOCKS_FOLDER) -> Mapping[str, Block]:
    """Return the blocks of a folder by name."""
    paths = sorted(path for path in folder.glob("*.sql") if not path.name.endswith(_RAW))
    return MappingProxyType({path.stem: _block(path) for path in paths})


def with_blocks(sql: str, blocks: Mapping[str, Block], kept: Collection[str] = ()) -> str:
    """Return the query with every block that it needs before it; those in ``kept`` stand as tables already."""
    needed = dict.fromkeys(_needed(sql, blocks, kept))
    heads = ",\n".join(f"{name} AS (\n{_text(blocks[name], blocks, kept)}\n)" for name in needed)
    return f"WITH {heads}\n{sql}" if heads else sql


def parameters(statement: str, as_of: date, first: date) -> dict[str, date]:
    """Return the days that a statement asks for, by name; DuckDB refuses what is not asked for."""
    days = {"as_of": as_of, "from": first}
    return {name: days[name] for name in set(_ASKED.findall(statement))}


def needed_blocks(sql: str, blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """Return the names of the blocks that a query rests on, those that others read first."""
    every = frozenset(name for name, block in blocks.items() if block.rolls)
    return tuple(dict.fromkeys((*_needed(sql, blocks, ()), *_read_rolled(sql, blocks, every))))


def _needed(sql: str, blocks: Mapping[str, Block], kept: Collection[str]) -> Iterator[str]:
    for name in dict.fromkeys(_READ.findall(sql)):
        if name in blocks and name not in kept:
            yield from _needed(_text(blocks[name], blocks, kept), blocks, kept)
            yield name


def _text(block: Block, blocks: Mapping[str, Block], kept: Collection[str]) -> str:
    """The block's query, by what is at hand."""
    rolled = [name for name in _READ.findall(block.sql) if name in blocks and blocks[name].rolls]
    return block.raw if block.raw and not all(name in kept for name in rolled) else block.sql


def _read_rolled(sql: str, blocks: Mapping[str, Block], every: frozenset[str]) -> Iterator[str]:
    """The roll-ups that a query reads where all of them are at hand."""
    for name in dict.fromkeys(_READ.findall(sql)):
        if name in every:
            yield name
        elif name in blocks:
            yield from _read_rolled(_text(blocks[name], blocks, every), blocks, every)


def _block(path: Path) -> Block:
    lines = path.read_text(encoding="utf-8").splitlines()
    rolled = _ROLLED.fullmatch(lines[0])
    about = lines[1 if rolled else 0].removeprefix("-- ")
    beside = path.with_name(path.stem + _RAW)
    raw = _query(beside.read_text(encoding="utf-8").splitlines()) if beside.exists() else ""
    return Block(path.stem, about, _query(lines), rolled[1] if rolled else "", raw)


def _query(lines: Iterable[str]) -> str:
    return "\n".join(line for line in lines if not line.startswith("--")).strip()
