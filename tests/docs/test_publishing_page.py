"""Every example of docs/publishing.md, run in its order against a real broker and a real door."""

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.keyring import KeyRing
from onething.cli import app as hub
from onething.endpoints import kafka_options
from onething.preparation import prepare_log
from onething.settings import load_settings
from producers.intake import Intake, intake_router
from producers.protection import LocalProtector
from producers.protection_http import protection_router

pytestmark = pytest.mark.broker

PAGE = Path(__file__).resolve().parents[2] / "docs" / "publishing.md"
BLOCK = re.compile(r"^```(?P<kind>\w+) ?(?P<note>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


class Block(NamedTuple):
    kind: str
    note: str
    text: str


BLOCKS = [Block(*found.groups()) for found in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture
def prepared(kafka: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    monkeypatch.setenv("ONETHING_KAFKA__BOOTSTRAP_SERVERS", kafka)
    settings = load_settings()
    prepare_log(settings, kafka_options(settings))
    return kafka


@pytest.fixture
def door(prepared: str, data_dir: Path) -> Iterator[FastAPI]:
    options, keyring = kafka_options(load_settings()), KeyRing.open_or_create(data_dir / "keys")
    assert options.bootstrap_servers == prepared
    intake = Intake(options, LocalProtector(keyring), read_schema_ids(options), load_resources())
    app = FastAPI()
    app.include_router(intake_router(intake))
    app.include_router(protection_router(keyring))
    yield app
    intake.close()


@pytest.fixture
def address(door: FastAPI) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(door, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def fits(expected: Any, found: Any) -> bool:
    """Whether everything that the page shows is so; it may leave out members, and shows … for anything."""
    if expected == ANYTHING:
        return found is not None
    if isinstance(expected, dict):
        return all(name in found and fits(value, found[name]) for name, value in expected.items())
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(fits, expected, found))
    return bool(expected == found)


def test_requests_are_answered_as_the_page_says(door: FastAPI) -> None:
    places = [place for place, block in enumerate(BLOCKS) if block.kind == "http"]
    assert len(places) == 6
    with TestClient(door) as client:
        for place in places:
            head, _, body = BLOCKS[place].text.partition("\n\n")
            request, *lines = head.splitlines()
            headers = dict(line.split(": ", 1) for line in lines)
            answered = client.request(*request.split(), content=body.encode(), headers=headers)
            expected = BLOCKS[place + 1]
            assert (expected.kind, expected.note) == ("json", str(answered.status_code)), answered.text
            assert fits(json.loads(expected.text), answered.json()), answered.text


@pytest.mark.usefixtures("prepared")
def test_commands_say_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = 0
    for block in BLOCKS:
        if block.kind in ("jsonl", "csv"):
            (tmp_path / block.note).write_text(block.text, encoding="utf-8")
        if block.kind == "console":
            for command in re.split(r"^\$ onething ", block.text, flags=re.MULTILINE)[1:]:
                line, *expected = command.splitlines()
                result = CliRunner().invoke(hub, line.split())
                told = [" ".join(each.split()) for each in result.output.splitlines() if each]
                assert len(told) == len(expected)
                for shown, said in zip(expected, told, strict=True):
                    assert said.startswith(" ".join(shown.rstrip("…").split()))
                run += 1
    assert run == 3


def test_the_sdk_example_runs(prepared: str, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = [block for block in BLOCKS if block.kind == "python"]
    text = block.text.replace("127.0.0.1:9092", prepared).replace("http://127.0.0.1:8610", address)
    exec(compile(text, str(PAGE), "exec"), {})  # noqa: S102  the page's own example
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("licence.urban-management ")
    assert "missing-field source is missing and required fill it in and send it again" in told
