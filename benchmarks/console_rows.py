"""Tables of 100,000 rows at the console: first page, a page far back, a sort, a filter; at the register, in Chromium.

The register's door and the console run as processes of their own; the gateway, which only hands on, is left out.
"""

import argparse
import json
import multiprocessing
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final

import httpx2
from playwright.sync_api import Browser
from sqlalchemy import insert

from benchmarks.catalog_search import _change, _row, entry
from benchmarks.console import FIRST_PAINT, PAINTED, PRESS, chromium, looked_at
from benchmarks.figures import Figure, at_most, percentile, told
from catalog.register.changes import ORGANISATION, RESOURCE, Command
from catalog.register.reader import CatalogReader
from catalog.register.schema import prepare
from catalog.register.search_index import index_rows, prepare_search
from catalog.register.seed import seed_commands
from catalog.register.tables import ENTITIES
from catalog.register.transaction import write_fields
from connectors.sql import checkpoint, writer_engine
from onething.logs import configure_logs
from onething.settings import LogSettings

ROWS: Final = 100_000
PAGE: Final = 20
FAR: Final = 500
ACT_MS: Final = 200
PAINT_MS: Final = 1_500
PRESSED: Final = {"next page": "下一页", "a sort by name": "资源名称", "a sort by provider": "提供部门"}
"""What is done → how its button begins."""
STARTED_S: Final = 60.0

Ask = Callable[[], object]


def main() -> None:
    """Print the figures of one register and one browser."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=ROWS)
    arguments.add_argument("--rounds", type=int, default=30)
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'catalog.db'}"
        seeded(url, asked.entries)
        with process(serve_register, url) as register, process(serve_console, register, folder) as console:
            figures = [*at_the_register(register, asked.rounds)]
            with chromium() as browser:
                figures += in_the_browser(browser, console, asked.rounds)
    rows = Figure("rows", asked.entries, "")
    print(told("console_rows", [rows, *figures], as_json=asked.json))


def seeded(url: str, entries: int) -> None:
    """A register of made-up entries, found by fields and words as the register itself writes them."""
    chance, engine = random.Random(5), writer_engine(url)
    prepare(engine, None)
    with engine.connect() as connection:
        with connection.begin():
            prepare_search(connection)
            connection.execute(insert(ENTITIES), [_organisation(each) for each in seed_commands(1) if _is_one(each)])
            for number in range(1, entries + 1):
                each = entry(number, chance)
                change = _change(number, each)
                connection.execute(insert(ENTITIES), [_row(each)])
                write_fields(connection, change.entity, change.entity_id, change.state)
                index_rows(connection, change)
        checkpoint(connection)
    engine.dispose()


def _is_one(command: Command) -> bool:
    return command.entity == ORGANISATION


def _organisation(declared: Command) -> dict[str, Any]:
    state = json.dumps(declared.payload, ensure_ascii=False)
    whole = {"version": 1, "action": "declared", "changed_at": 1, "due_at": None, "state": state}
    return {"entity": ORGANISATION, "entity_id": declared.entity_id, **whole}


def at_the_register(register: str, rounds: int) -> Iterator[Figure]:
    """What the door takes for the pages that the table asks for."""
    with httpx2.Client(base_url=register, trust_env=False, timeout=60) as http:

        def page(**query: object) -> dict[str, Any]:
            asked: dict[str, Any] = {"limit": PAGE, **query}
            found: dict[str, Any] = http.get("/v1/catalog/resource", params=asked).raise_for_status().json()
            return found

        far = _mark(page, FAR)
        far_by_name = _mark(page, FAR, sort="name")
        asks: dict[str, Ask] = {
            "first page": page,
            f"page {FAR}": partial(page, after=far),
            "first page by name": partial(page, sort="name"),
            f"page {FAR} by name": partial(page, sort="name", after=far_by_name),
            "first page of a department": partial(page, provider="tax"),
            "of a department, published, by name": partial(page, provider="tax", state="published", sort="-name"),
        }
        for name, ask in asks.items():
            took = [_ms(ask) for _ in range(rounds)]
            yield Figure(f"register, {name}, p50", percentile(took, 0.5), "ms")
            yield at_most(f"register, {name}, p95", percentile(took, 0.95), "ms", ACT_MS)


def _mark(page: Callable[..., dict[str, Any]], number: int, **query: object) -> str:
    """The mark by which the page of this number is asked for."""
    after = ""
    for _ in range(number - 1):
        after = str(page(after=after, **query)["next_after"])
    return after


def in_the_browser(browser: Browser, console: str, rounds: int) -> Iterator[Figure]:
    """What a reader waits for at the console's own table, from the press to the rows drawn."""
    with looked_at(browser, console) as context:
        painted = []
        for _ in range(min(rounds, 10)):
            page = context.new_page()
            page.goto("/catalogue")
            page.wait_for_function(PAINTED)
            painted.append(float(page.evaluate(FIRST_PAINT)))
            page.close()
        yield Figure("console, first paint, p50", percentile(painted, 0.5), "ms")
        yield at_most("console, first paint, p95", percentile(painted, 0.95), "ms", PAINT_MS)
        page = context.new_page()
        page.goto("/catalogue")
        page.get_by_role("table").wait_for()
        for name, press in PRESSED.items():
            took = [float(page.evaluate(PRESS, press)) for _ in range(rounds)]
            yield Figure(f"console, {name}, p50", percentile(took, 0.5), "ms")
            yield at_most(f"console, {name}, p95", percentile(took, 0.95), "ms", ACT_MS)


def serve_register(announced: Connection, url: str) -> None:
    """The register's door for readers, until the process is ended."""
    from fastapi import FastAPI  # noqa: PLC0415  of the process that serves it

    from catalog.register.http_routes import RegisterDoor, entity_router  # noqa: PLC0415
    from catalog.register.search import CatalogSearch  # noqa: PLC0415
    from catalog.register.search_http import search_router  # noqa: PLC0415
    from onething.serving import serve  # noqa: PLC0415

    nobody: Any = None  # the door is only read at, and commands go nowhere
    door = RegisterDoor(nobody, CatalogReader(url))
    app = FastAPI()
    app.include_router(search_router(CatalogSearch(url)))
    for kind in (RESOURCE, ORGANISATION):
        app.include_router(entity_router(door, kind, f"/v1/catalog/{kind}"))
    serve(app, "127.0.0.1", 0, announced.send)


def serve_console(announced: Connection, register: str, folder: str) -> None:
    """The console over that door, until the process is ended."""
    os.environ["NICEGUI_STORAGE_PATH"] = str(Path(folder) / "console")
    from onething.console.app import console_app  # noqa: PLC0415  NiceGUI reads its environment when imported
    from onething.console.hub import Hub  # noqa: PLC0415
    from onething.console.observation import Figures  # noqa: PLC0415
    from onething.serving import serve  # noqa: PLC0415

    configure_logs(LogSettings(level="error"), "bench")
    figures = Figures()
    app = console_app(Hub(lambda: register, observe=figures.asked), figures, storage_secret=token_urlsafe(16))
    serve(app, "127.0.0.1", 0, announced.send)


@contextmanager
def process(target: Callable[..., None], *given: str) -> Iterator[str]:
    """Run it in a process of its own; the URL where it answers."""
    own, its = multiprocessing.Pipe()
    running = multiprocessing.get_context("spawn").Process(target=target, args=(its, *given), daemon=True)
    running.start()
    try:
        if not own.poll(STARTED_S):
            raise TimeoutError(f"{target.__name__} did not answer within {STARTED_S:.0f} s")
        yield str(own.recv())
    finally:
        running.terminate()
        running.join(10)


def _ms(ask: Ask) -> float:
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
