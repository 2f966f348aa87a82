import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pyarrow.parquet as pq
import pytest
import structlog
import uvicorn
from prometheus_client import CollectorRegistry

from analytics.door.app import analyst_app
from analytics.door.asking import PARQUET
from analytics.door.figures import DoorFigures
from analytics.door.http import LakeDoor, lake_router
from analytics.door.pool import SqlPool
from analytics.door.reads_http import reads_router
from analytics.door.worker import Work
from analytics.lake.location import Location
from analytics.lake.reading import LakeReader
from analytics.lake.session import SessionLimits
from tests.analytics.delta_lake import put

TOKEN = "person:" + "a1b2c3d4e5f6" * 4
AT = datetime(2026, 6, 1, 2, tzinfo=UTC)
LIMIT_S = 2.0
MOST_ROWS = 2000
RUNS_AWAY = "SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)"


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> Location:
    location = Location(str(tmp_path_factory.mktemp("lake")))
    put(location, "facts", *({"subject": f"enterprise:{number}", "known_at": AT} for number in range(100)))
    put(location, "facts", {"subject": "enterprise:later", "known_at": AT + timedelta(days=1)})
    put(
        location,
        "reads",
        *(
            {
                "reader": f"tax:{number % 3}",
                "purpose": "开办企业",
                "subjects": [f"enterprise:{number}", TOKEN],
                "resources": ["tax.registration"],
                "record_count": number,
                "known_at": AT + timedelta(minutes=number),
                "at": AT + timedelta(minutes=number),
                "refused_reason": "no-grant" if number % 10 == 0 else None,
            }
            for number in range(25)
        ),
        {
            "reader": "follower",
            "purpose": "免申即享政策试算",
            "subjects": ["enterprise:*"],
            "resources": [],
            "record_count": 25,
            "known_at": AT - timedelta(minutes=1),
            "at": AT - timedelta(minutes=1),
        },
    )
    return location


@pytest.fixture(scope="module")
def url(location: Location, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    registry = CollectorRegistry()
    limits = SessionLimits(memory_mb=128, threads=1, temp_mb=64)
    work = Work(partial(LakeReader, location), limits, tmp_path_factory.mktemp("scratch"))
    pool = SqlPool(work, LIMIT_S, DoorFigures(registry))
    lake = lake_router(LakeDoor(LakeReader(location), pool, MOST_ROWS, lambda: {("licence.tax", 0): 7}))
    ended = threading.Event()
    app = analyst_app(pool, (lake, reads_router(pool)), registry, lambda: None, ended.set)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    assert ended.is_set()


@pytest.fixture
def client(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield client


def ask(client: httpx2.Client, sql: str, **more: Any) -> httpx2.Response:
    return client.post("/v1/lake/query", json={"sql": sql, **more}, headers={"X-Reader": "data-bureau:%E6%9D%8E"})


def test_a_question_is_answered_with_columns_rows_and_version(client: httpx2.Client) -> None:
    told = ask(client, "SELECT day, count(*) AS n FROM facts GROUP BY day ORDER BY day").json()
    assert told["columns"] == [{"name": "day", "type": "DATE"}, {"name": "n", "type": "BIGINT"}]
    assert told["rows"] == [["2026-06-01", 100], ["2026-06-02", 1]]
    assert told["truncated"] is False
    assert told["elapsed_ms"] > 0
    assert (told["version"]["facts"], told["version"]["reads"], told["version"]["cases"]) == (1, 0, -1)


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT known_at FROM facts LIMIT 1", "2026-06-01T10:00:00+08:00"),
        ("SELECT 'ab'::BLOB", "6162"),
        ("SELECT 170141183460469231731687303715884105727::HUGEINT", "170141183460469231731687303715884105727"),
        ("SELECT {'a': [1, 2], 'b': 'x'::BLOB}", {"a": [1, 2], "b": "78"}),
        ("SELECT MAP {1: 'x'}", {"1": "x"}),
        ("SELECT 1.50::DECIMAL(5, 2)", "1.50"),
        ("SELECT 'nan'::DOUBLE", None),
        ("SELECT NULL", None),
    ],
)
def test_values_are_said_as_json_can(client: httpx2.Client, sql: str, value: object) -> None:
    assert ask(client, sql).json()["rows"] == [[value]]


def test_parameters_stand_for_values(client: httpx2.Client) -> None:
    named = ask(client, "SELECT count(*) FROM facts WHERE subject = $subject", parameters={"subject": "enterprise:7"})
    placed = ask(client, "SELECT count(*) FROM facts WHERE subject = ?", parameters=["enterprise:7"])
    assert named.json()["rows"] == placed.json()["rows"] == [[1]]
    missing = ask(client, "SELECT $subject")
    assert (missing.status_code, missing.json()["type"]) == (422, "urn:onething:problem:sql-failed")


def test_rows_are_cut_at_the_limit_of_the_hub_and_of_the_question(client: httpx2.Client) -> None:
    hub = ask(client, "SELECT * FROM range(10000000)", limit=10_000_000).json()
    own = ask(client, "SELECT * FROM range(10)", limit=3).json()
    assert (len(hub["rows"]), hub["truncated"]) == (MOST_ROWS, True)
    assert (own["rows"], own["truncated"]) == ([[0], [1], [2]], True)


def test_an_answer_can_be_parquet(client: httpx2.Client, tmp_path: Path) -> None:
    answer = client.post("/v1/lake/query", json={"sql": "FROM facts", "limit": 40}, headers={"Accept": PARQUET})
    path = tmp_path / "answer.parquet"
    path.write_bytes(answer.content)
    assert pq.read_table(path).num_rows == 40
    assert (answer.headers["x-rows"], answer.headers["x-truncated"]) == ("40", "true")


@pytest.mark.parametrize(
    ("sql", "status", "code"),
    [
        ("COPY facts TO '/tmp/x.csv'", 422, "sql-not-allowed"),
        ("SELECT * FROM read_csv('/etc/passwd')", 422, "sql-not-allowed"),
        ("SELECT * FROM '/etc/passwd.csv'", 403, "sql-outside-lake"),
        ("DESCRIBE '/etc/passwd.csv'", 403, "sql-outside-lake"),
        ("SELECT getenv('HOME')", 422, "sql-not-allowed"),
        ("SELECT 1; SELECT 2", 422, "sql-not-one-statement"),
        ("SELECT * FROM nothing", 422, "sql-failed"),
        ("SELECT 1/'x'", 422, "sql-failed"),
        (RUNS_AWAY, 422, "sql-time"),
        ("SELECT length(repeat('x', 4000000000))", 422, "sql-memory"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_remedy(
    client: httpx2.Client, sql: str, status: int, code: str
) -> None:
    answer = ask(client, sql)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:onething:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "/ " in problem["title"]
    assert problem["detail"]
    assert problem["remedy"]


def test_others_are_answered_while_queries_run_away(client: httpx2.Client, url: str) -> None:
    def run_away() -> int:
        with httpx2.Client(base_url=url, trust_env=False, timeout=60) as one:
            headers = {"X-Reader": "enthusiast"}
            return one.post("/v1/lake/query", json={"sql": RUNS_AWAY}, headers=headers).status_code

    with ThreadPoolExecutor(8) as threads:
        away = [threads.submit(run_away) for _ in range(4)]
        while _value(client, "onething_sql_running") < 2:
            pass
        assert ask(client, "SELECT count(*) FROM facts").json()["rows"] == [[101]]
        assert not all(each.done() for each in away)
        assert {each.result() for each in away} == {422}


def test_a_query_ends_when_its_client_goes_away(client: httpx2.Client, url: str) -> None:
    before = _value(client, 'onething_sql_queries_total{outcome="gone"}')
    with httpx2.Client(base_url=url, trust_env=False, timeout=0.3) as hasty, pytest.raises(httpx2.ReadTimeout):
        hasty.post("/v1/lake/query", json={"sql": RUNS_AWAY})
    deadline = time.monotonic() + LIMIT_S
    while _value(client, 'onething_sql_queries_total{outcome="gone"}') == before:
        assert time.monotonic() < deadline
    while _value(client, "onething_sql_running"):
        assert time.monotonic() < deadline + 3


def test_the_process_stays_bounded(client: httpx2.Client) -> None:
    for _ in range(3):
        ask(client, "SELECT i, repeat('x', 500) FROM range(2000) t(i)")
    workers = [each for each in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(each.cmdline())]
    assert 1 <= len(workers) <= 3
    assert all(each.memory_info().rss < 1 << 30 for each in workers)


def test_the_lake_says_how_its_tables_stand(client: httpx2.Client) -> None:
    told = client.get("/v1/lake").json()
    facts = next(each for each in told["tables"] if each["table"] == "facts")
    assert (facts["rows"], facts["files"], facts["version"]) == (101, 2, 1)
    assert (facts["first_day"], facts["last_day"], facts["absent"]) == ("2026-06-01", "2026-06-02", [])
    assert facts["bytes"] > 0
    assert datetime.fromisoformat(facts["committed_at"]) > AT
    assert told["lag"] == 7
    assert "duties" in told["views"]


def test_a_table_and_a_view_say_their_columns(client: httpx2.Client) -> None:
    facts = client.get("/v1/lake/tables/facts").json()
    assert {"name": "day", "type": "DATE", "nullable": False} in facts["columns"]
    assert facts["is_view"] is False
    assert client.get("/v1/lake/tables/duties").json()["is_view"] is True
    unknown = client.get("/v1/lake/tables/nothing")
    assert (unknown.status_code, "facts" in unknown.json()["remedy"]) == (404, True)


def test_reads_are_paged_in_order_and_each_is_told_once(client: httpx2.Client) -> None:
    seen: list[int] = []
    after = ""
    while True:
        page = client.get(f"/v1/reads?limit=7&sort=reader{after}").json()
        assert page["total"] == 26
        seen += [each["record_count"] for each in page["reads"]]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert seen == [25, *sorted(range(25), key=lambda number: (number % 3, number))]


def test_reads_show_who_what_and_why_with_persons_masked(client: httpx2.Client) -> None:
    (first, *_) = client.get("/v1/reads").json()["reads"]
    assert (first["reader"], first["purpose"], first["record_count"]) == ("tax:0", "开办企业", 24)
    assert first["subjects"] == ["enterprise:24", "person:a1b2c3d4…"]
    assert TOKEN not in client.get("/v1/reads").text


@pytest.mark.parametrize(
    ("filters", "total"),
    [
        ({"subject": "enterprise:3"}, 2),
        ({"subject": TOKEN}, 25),
        ({"reader": "tax:1"}, 8),
        ({"refused": "true"}, 3),
        ({"refused": "false"}, 23),
        ({"resource": "tax.registration"}, 26),
        ({"resource": "finance.subsidy"}, 1),
        ({"resource": "tax.registration", "purpose": "开办企业"}, 25),
        ({"reader": "tax:0' OR true --"}, 0),
        ({"from": "2026-06-02"}, 0),
        ({"from": "2026-06-01", "to": "2026-06-01"}, 26),
    ],
)
def test_reads_are_found_by_their_fields(client: httpx2.Client, filters: dict[str, str], total: int) -> None:
    page = client.get("/v1/reads", params=filters).json()
    assert page["total"] == total
    assert len(page["reads"]) == total


def test_every_fault_of_a_page_is_named_at_once(client: httpx2.Client) -> None:
    asked = {"limit": "0", "sort": "subject", "after": "zz", "from": "june", "refused": "maybe", "who": "me"}
    answer = client.get("/v1/reads", params=asked)
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["faults"]} == set(asked)


def test_health_figures_and_unknown_paths(client: httpx2.Client) -> None:
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").json() == {"status": "ready", "checks": {"lake": "ok"}}
    ask(client, "SELECT 1")
    assert _value(client, 'onething_sql_queries_total{outcome="answered"}') > 0
    assert client.get("/v1/lake/nothing").json()["type"] == "urn:onething:problem:http-fault"
    assert ask(client, "SELECT 1", limit=0).status_code == 422


def test_every_question_is_on_record(client: httpx2.Client) -> None:
    with structlog.testing.capture_logs() as lines:
        ask(client, "SELECT 41 + 1")
    (line,) = [each for each in lines if each["event"] == "sql asked"]
    assert (line["reader"], line["sql"], line["rows"], line["outcome"]) == (
        "data-bureau:李",
        "SELECT 41 + 1",
        1,
        "answered",
    )


def _metrics(client: httpx2.Client) -> list[str]:
    return client.get("/metrics").text.splitlines()


def _value(client: httpx2.Client, name: str) -> float:
    return next((float(line.split()[-1]) for line in _metrics(client) if line.startswith(name)), 0.0)
