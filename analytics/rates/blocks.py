"""Building blocks of definitions: named queries that a definition's SQL reads as if they were tables.

A block is a file ``blocks/<name>.sql``. One that begins with ``-- rollup: <table>`` holds, per day, a function of that
day's rows of one table of the lake; it is kept beside the lake and read in place of the rows.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

BLOCKS_FOLDER: Final = Path(__file__).parent / "blocks"

_READ: Final = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\b")
_ASKED: Final = re.compile(r"\$(as_of|from)\b")
_ROLLED: Final = re.compile(r"-- rollup: ([a-z_]+)")


@dataclass(frozen=True)
class Block:
    """One block; ``rolls`` is the table of the lake that it sums up day by day, ``""`` for one that is not kept."""

    name: str
    about: str
    sql: str
    rolls: str = ""


@cache
def load_blocks(folder: Path = BLOCKS_FOLDER) -> Mapping[str, Block]:
    """Return the blocks of a folder by name."""
    return MappingProxyType({path.stem: _block(path) for path in sorted(folder.glob("*.sql"))})


def with_blocks(sql: str, blocks: Mapping[str, Block], kept: Collection[str] = ()) -> str:
    """Return the query with every block that it needs before it; those in ``kept`` stand as tables already."""
    needed = dict.fromkeys(_needed(sql, blocks, kept))
    heads = ",\n".join(f"{name} AS (\n{blocks[name].sql}\n)" for name in needed)
    return f"WITH {heads}\n{sql}" if heads else sql


def parameters(statement: str, as_of: date, first: date) -> dict[str, date]:
    """Return the days that a statement asks for, by name; DuckDB refuses what is not asked for."""
    days = {"as_of": as_of, "from": first}
    return {name: days[name] for name in set(_ASKED.findall(statement))}


def needed_blocks(sql: str, blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """Return the names of the blocks that a query rests on, those that others read first."""
    return tuple(dict.fromkeys(_needed(sql, blocks, ())))


def _needed(sql: str, blocks: Mapping[str, Block], kept: Collection[str]) -> Iterator[str]:
    for name in dict.fromkeys(_READ.findall(sql)):
        if name in blocks and name not in kept:
            yield from _needed(blocks[name].sql, blocks, kept)
            yield name


def _block(path: Path) -> Block:
    lines = path.read_text(encoding="utf-8").splitlines()
    rolled = _ROLLED.fullmatch(lines[0])
    about = lines[1 if rolled else 0].removeprefix("-- ")
    sql = "\n".join(line for line in lines if not line.startswith("--"))
    return Block(path.stem, about, sql.strip(), rolled[1] if rolled else "")
