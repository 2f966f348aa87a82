import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from analytics.lake.location import Location
from onething.cli import app
from onething.commands.lake_query import QueryForm, formed
from tests.analytics.delta_lake import put

TOLD = {
    "columns": [{"name": "n", "type": "BIGINT"}, {"name": "n", "type": "VARCHAR"}, {"name": "s", "type": "VARCHAR[]"}],
    "rows": [[1, "税务局", ["a", "b"]], [2, None, []]],
}


class Door(BaseHTTPRequestHandler):
    """A gateway that refuses what drops, and answers everything else with one row."""

    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Door.asked.append(body | {"reader": self.headers["x-reader"], "path": self.path})
        if "DROP" in body["sql"]:
            self._answer(
                422, {"title": "语句未被接受", "detail": "the statement is DROP", "remedy": "只能查询"}, "false"
            )
        else:
            self._answer(200, {"columns": [{"name": "a", "type": "INTEGER"}], "rows": [[1]]}, "true")

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, told: dict[str, Any], truncated: str) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-truncated", truncated)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Iterator[type[Door]]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
        monkeypatch.setenv("ONETHING_GATEWAY__URL", f"http://127.0.0.1:{server.server_address[1]}")
        Door.asked.clear()
        yield Door
        server.shutdown()
        thread.join()


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Path:
    put(Location(str(data_dir / "lake")), "facts", {"subject": "enterprise:1"}, {"subject": "enterprise:2"})
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    return data_dir


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, ["lake", "query", *words], input=given)


def test_rows_are_written_in_every_form() -> None:
    assert formed(TOLD, QueryForm.CSV) == 'n,n_2,s\n1,税务局,"[""a"", ""b""]"\n2,,[]'
    assert json.loads(formed(TOLD, QueryForm.JSON))[0] == {"n": 1, "n_2": "税务局", "s": ["a", "b"]}
    assert formed(TOLD, QueryForm.YAML).startswith('- n: 1\n  n_2: "税务局"')
    assert formed(TOLD, QueryForm.TABLE).splitlines()[1].split() == ["1", "税务局", '["a",', '"b"]']
    assert formed({"columns": TOLD["columns"], "rows": []}, QueryForm.TABLE) == "n  n_2  s"


def test_the_hub_is_asked_when_it_runs(door: type[Door]) -> None:
    done = run("SELECT $day", "-p", "day=2026-06-30", "--limit", "5", "-o", "json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [{"a": 1}])
    assert "截断" in done.stderr
    (asked,) = door.asked
    assert (asked["path"], asked["parameters"], asked["limit"]) == ("/v1/lake/query", {"day": "2026-06-30"}, 5)
    assert asked["reader"].startswith("cli:")


def test_a_refusal_is_told_with_its_remedy(door: type[Door]) -> None:
    done = run("DROP VIEW facts")
    assert done.exit_code == 2
    assert "the statement is DROP" in done.stderr
    assert "→ 只能查询" in done.stderr
    assert door.asked


def test_a_statement_comes_from_an_argument_a_file_or_stdin(door: type[Door], tmp_path: Path) -> None:
    file = tmp_path / "asked.sql"
    file.write_text("SELECT 2", encoding="utf-8")
    assert run("SELECT 1").exit_code == run("--file", str(file)).exit_code == run("-", given="SELECT 3").exit_code == 0
    assert [each["sql"] for each in door.asked] == ["SELECT 1", "SELECT 2", "SELECT 3"]


@pytest.mark.parametrize("words", [(), ("SELECT 1", "--file", __file__), ("SELECT 1", "-p", "day")])
def test_what_is_not_a_question_is_said_at_once(door: type[Door], words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
    assert not door.asked


def test_the_lake_is_asked_where_it_lies_when_no_hub_runs(lake: Path, tmp_path: Path) -> None:
    done = run("SELECT count(*) AS n FROM facts", "-o", "csv")
    assert (done.exit_code, done.stdout) == (0, "n\n2\n"), done.stderr
    out = tmp_path / "facts.parquet"
    assert run("FROM facts", "-o", "parquet", "--out", str(out)).exit_code == 0
    assert pq.read_table(io.BytesIO(out.read_bytes())).num_rows == 2
    refused = run("COPY facts TO '/tmp/x.csv'")
    assert (refused.exit_code, "COPY" in refused.stderr) == (2, True)
    assert list((lake / "tmp" / "query").iterdir()) == []
