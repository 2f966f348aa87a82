"""The console in a real Chromium: first paint, and acts while 50 pages are open; hub and console on two cores."""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx2
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.figures import Figure, at_most, percentile, told
from onething.commands.simulate import publish_simulation
from onething.demonstration.city import await_positions
from onething.doors import on_free_ports
from onething.endpoints import Role
from onething.logs import configure_logs
from onething.settings import LogSettings, Settings
from onething.supervisor import RunningHub, running_hub
from producers.simulation.publication import Published
from producers.simulation.simulate import Simulation

HUB_CORES: Final = (0, 1)
ROLES: Final[tuple[Role, ...]] = ("registry", "archive", "coordinator", "follower", "catalog", "gateway", "console")
ENTERPRISES: Final = 80
PERSONS: Final = 40
CASES: Final = 120
OPEN_PAGES: Final = 50
PAINT_MS: Final = 1_500
ACT_MS: Final = 200
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")

FIRST_PAINT: Final = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
PAINTED: Final = "() => performance.getEntriesByName('first-contentful-paint').length"
PRESS: Final = """(name) => new Promise((resolve) => {
    const place = document.querySelector('.table-body');
    const pressed = [...document.querySelectorAll('button')].find((each) => each.innerText.startsWith(name));
    const since = performance.now();
    let drawn = false;
    const watching = new MutationObserver((changes) => {
        drawn = drawn || changes.some((each) => each.type === 'childList');
        if (!drawn || place.hasAttribute('aria-busy')) return;
        watching.disconnect();
        requestAnimationFrame(() => resolve(performance.now() - since));
    });
    watching.observe(place, {attributes: true, childList: true, subtree: true});
    pressed.click();
})"""


def main() -> None:
    """Print the figures of one hub and one browser."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--pages", type=int, default=OPEN_PAGES, help="pages that are open meanwhile")
    arguments.add_argument("--rounds", type=int, default=30, help="pages painted, and acts twice as many")
    arguments.add_argument("--json", action="store_true")
    asked = arguments.parse_args()
    with console_hub() as (hub, published), chromium() as browser:
        cases = verified(hub, published)
        print(told("console", [*figures(browser, hub.url("console"), cases, asked)], as_json=asked.json))


def figures(browser: Browser, console: str, cases: Sequence[str], asked: Any) -> Iterator[Figure]:
    """Open the other pages, then paint and act."""
    with looked_at(browser, console) as context:
        for number in range(asked.pages):
            context.new_page().goto(_path(number, cases))
        yield Figure("open pages", len(context.pages), "")
        bare = [paint_bare(browser, console) for _ in range(asked.rounds)]
        painted = [paint(browser, console, path) for path in _painted(cases, asked.rounds)]
        yield at_most("first paint, nothing cached, p95", percentile(painted, 0.95), "ms", PAINT_MS)
        yield Figure("first paint, median", percentile(painted, 0.5), "ms")
        yield Figure("first paint of a line of text, median", percentile(bare, 0.5), "ms")
        again = [paint_again(context, path) for path in _painted(cases, asked.rounds)]
        yield at_most("first paint of the next page, p95", percentile(again, 0.95), "ms", PAINT_MS)
        acts = acted(context, asked.rounds)
        yield at_most("an act on a table, p95", percentile(acts, 0.95), "ms", ACT_MS)
        yield Figure("an act on a table, median", percentile(acts, 0.5), "ms")


def paint(browser: Browser, console: str, path: str) -> float:
    """Milliseconds until a browser that never was here shows something."""
    with looked_at(browser, console) as context:
        return _first_paint(context.new_page(), path)


def paint_bare(browser: Browser, console: str) -> float:
    """Milliseconds until such a browser shows one line of text from the same process: the limit of any page."""
    with looked_at(browser, console) as context:
        page = context.new_page()
        page.goto("/health/live")
        page.wait_for_function(PAINTED)
        return float(page.evaluate(FIRST_PAINT))


def paint_again(context: BrowserContext, path: str) -> float:
    """Milliseconds until the next page shows something in a browser that holds scripts and styles."""
    page = context.new_page()
    try:
        return _first_paint(page, path)
    finally:
        page.close()


def acted(context: BrowserContext, rounds: int) -> list[float]:
    """Milliseconds from a button's press until the table shows the answer, drawn: forth, and back."""
    page = context.new_page()
    page.goto("/cases")
    page.get_by_role("table").wait_for()
    return [float(page.evaluate(PRESS, name)) for _ in range(rounds) for name in ("下一页", "上一页")]


def _first_paint(page: Page, path: str) -> float:
    page.goto(path)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_function(PAINTED)
    return float(page.evaluate(FIRST_PAINT))


def _path(number: int, cases: Sequence[str]) -> str:
    """What the other pages show: half of them watch a case each."""
    if number % 2:
        return f"/verifications/{cases[number % len(cases)]}"
    return ("/cases", "/bundles", "/", "/bundles/restaurant-opening")[number // 2 % 4]


def _painted(cases: Sequence[str], rounds: int) -> list[str]:
    kinds = ("/", "/bundles", "/cases", f"/verifications/{cases[0]}", "/bundles/restaurant-opening", "/public/report")
    return [kinds[number % len(kinds)] for number in range(rounds)]


def verified(hub: RunningHub, published: Published) -> list[str]:
    """Verifications of many enterprises, some of them still running: their ids."""
    subjects = [each.partition(":")[2] for each in published.account.subjects if each.startswith("enterprise:")]
    with httpx2.Client(base_url=hub.url("gateway"), trust_env=False, timeout=30) as http:
        asked = [_verify(http, subjects[number % len(subjects)]) for number in range(CASES)]
        while http.get("/v1/cases", params={"page_size": CASES}).json()["next_page"] is None and not _all_there(http):
            time.sleep(0.1)
    return asked[::-1]


def _all_there(http: httpx2.Client) -> bool:
    return len(http.get("/v1/cases", params={"page_size": 200}).json()["cases"]) >= CASES


def _verify(http: httpx2.Client, subject: str) -> str:
    body = {"subject": subject, "purpose": "企业上市", "requested_by": "测速", "deadline_s": 600}
    return str(http.post("/v1/verifications", json=body).raise_for_status().json()["case_id"])


@contextmanager
def console_hub() -> Iterator[tuple[RunningHub, Published]]:
    """A hub with a small city and its console on two cores; the browser has the others, where there are any."""
    configure_logs(LogSettings(level="error"), "bench")
    with tempfile.TemporaryDirectory(prefix="onething-bench-") as folder:
        settings = on_free_ports(Settings(data_dir=Path(folder)))
        with on_cores(HUB_CORES), running_hub(settings, ROLES) as hub:
            city = Simulation(ENTERPRISES, PERSONS, 1, datetime.now(ZoneInfo("Asia/Shanghai")).date())
            published = publish_simulation(settings, city)
            ends = {
                (topic, str(partition)): span.last_offset
                for topic, spans in published.receipts.items()
                for partition, span in spans.items()
            }
            await_positions(hub.url("archive"), ends)
            with on_cores(sorted(set(range(os.cpu_count() or 1)) - set(HUB_CORES)) or HUB_CORES):
                yield hub, published


@contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Run on these cores alone, and start processes that do; where the system cannot, run on any."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before & set(cores) or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def looked_at(browser: Browser, console: str) -> Iterator[BrowserContext]:
    """A browser of one's own, with nothing cached."""
    context = browser.new_context(base_url=console, locale="zh-CN")
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


if __name__ == "__main__":
    main()
