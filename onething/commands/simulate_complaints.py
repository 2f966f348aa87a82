"""`onething simulate complaints`: made-up complaints at the hotlines about the cases of a hub that runs."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

if TYPE_CHECKING:
    from onething.figures_client import FiguresClient
    from producers.simulation.complaints import CaseSeen

_PAGE: Final = 200
_MOST_CASES: Final = 20_000
_BATCH: Final = 500


def complaints(
    count: Annotated[int, typer.Option(min=1, max=100_000, help="how many")] = 50,
    seed: Annotated[int, typer.Option(help="the same one draws the same complaints of the same cases")] = 1,
    run: Annotated[str, typer.Option(help="name of the run, part of the numbers; by default the time")] = "",
) -> None:
    """模拟诉求：hand made-up complaints (12345, 12315, 110) over, each marked as made up.

    Exit codes: 0 done, 2 failed, or there is no case to complain of.

    Example: onething simulate complaints --count 100 --seed 7
    """
    from catalog.hotline import load_hotline_words  # noqa: PLC0415 - commands import what they need when they run
    from onething.figures_client import figures_client  # noqa: PLC0415
    from producers.hotline import COMPLAINTS_PATH  # noqa: PLC0415
    from producers.simulation.complaints import made_up_complaints  # noqa: PLC0415

    now_us = time.time_ns() // 1000
    name = run or f"{time.time_ns() // 1_000_000:x}"
    with figures_client() as client:
        cases = list(_cases(client))
        made = list(made_up_complaints(cases, count, seed, name, now_us, load_hotline_words()))
        if not made:
            raise typer.BadParameter("没有办件，先运行 onething simulate cases / there is no case to complain of")
        for start in range(0, len(made), _BATCH):
            client.post(COMPLAINTS_PATH, {"complaints": made[start : start + _BATCH]})
    closed = sum("closed_at" in each for each in made)
    typer.echo(f"模拟诉求 made-up complaints: {len(made):,}，其中已办结 closed {closed:,}")
    typer.echo(f"涉及办件 drawn from cases: {len(cases):,}，批次 run {name}")


def _cases(client: "FiguresClient") -> "Iterator[CaseSeen]":
    from producers.simulation.complaints import CaseSeen  # noqa: PLC0415

    page, seen = "", 0
    while seen < _MOST_CASES:
        found: dict[str, Any] = client.get("/v1/cases", {"page": page, "page_size": str(_PAGE)})
        for each in found["cases"]:
            ended = each.get("ended_at")
            yield CaseSeen(
                case_id=each["case_id"],
                bundle=each["bundle"],
                lead=each["lead"],
                began_at=_us(each["requested_at"]),
                ended_at=_us(ended) if ended else None,
            )
        seen += len(found["cases"])
        page = found["next_page"] or ""
        if not page:
            return


def _us(instant: str) -> int:
    return (datetime.fromisoformat(instant) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
