"""`onething duty` against a register in memory: what people type, and what they see."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from catalog.duties.entity import duties_follow, duty_rule, load_law
from catalog.duties.http import duty_router
from catalog.register.changes import Change, Command, Lookup, State, Step
from catalog.register.http import register_app
from catalog.register.http_routes import RegisterDoor
from catalog.register.reader import CatalogReader
from catalog.register.registrar import Registrar
from catalog.register.rulebook import Rulebook
from catalog.register.store import Applied, CatalogStore
from connectors.kafka.outbox import OutboxRow
from onething import catalog_client as client_module
from onething.cli import app

Run = Callable[..., Result]
CHINA = timezone(timedelta(hours=8))
CORRECTION = {"provider": "tax", "disputed_by": "human-resources", "resource": "tax.paid"}
DUTY_ID = "correction:C-1:1"
PROOF = ("--actor", "张三", "-e", "函〔2026〕7号")


def us(china: str) -> int:
    moment = datetime.fromisoformat(f"2026-{china}").replace(tzinfo=CHINA)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class Nowhere:
    """A log that takes everything."""

    untold_count = 0

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    def publish(self, rows: Sequence[OutboxRow]) -> None:
        self.taken += [row.event_id for row in rows]

    def delivered(self) -> tuple[bytes, ...]:
        taken, self.taken = tuple(self.taken), []
        return taken

    def close(self) -> tuple[bytes, ...]:
        return self.delivered()


class Clock:
    """The time that people and the hub see."""

    def __init__(self, at: str) -> None:
        self.us = us(at)

    def __call__(self) -> int:
        return self.us


def taken(state: State | None, command: Command, lookup: Lookup) -> Step:
    """A correction as far as duties look at it: whatever is said of it stands."""
    del state, lookup
    change = Change(
        entity=command.entity, entity_id=command.entity_id, action=command.action, state=dict(command.payload)
    )
    return Step(changes=(change,))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock("03-02 09:00")
    monkeypatch.setattr("onething.commands.duty._now_us", clock)
    return clock


@pytest.fixture
def register(tmp_path: Path, clock: Clock) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path}/catalog.db"
    rulebook = Rulebook({"duty": duty_rule(load_law()), "correction": taken}, (duties_follow,))
    registrar = Registrar(lambda: CatalogStore(url, rulebook, lambda told: told.state.encode()), Nowhere(), clock)
    registrar.start()
    reader = CatalogReader(url)
    router = duty_router(reader, load_law(), clock)
    with TestClient(register_app(RegisterDoor(registrar, reader, clock), [router])) as served:
        disputed = Command(
            entity="correction",
            entity_id="C-1",
            action="disputed",
            actor="李四",
            at=clock(),
            command_id="c-1",
            payload=CORRECTION,
        )
        assert isinstance(registrar.submit([disputed]).result(), Applied)
        yield served


@pytest.fixture
def run(register: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    opened = client_module.CatalogClient
    monkeypatch.setattr(
        client_module,
        "catalog_client",
        lambda: opened("http://testserver", register._transport),
    )

    def typed(*words: str) -> Result:
        return CliRunner().invoke(app, ["duty", *words])

    return typed


def test_the_list_names_department_end_and_standing(run: Run) -> None:
    told = run("list").stdout
    assert all(each in told for each in (DUTY_ID, "校核", "市税务局", "市人社局", "2026-03-16 24:00", "在办"))
    assert DUTY_ID in run("list", "--department", "市税务局").stdout
    assert DUTY_ID not in run("list", "--department", "human-resources").stdout
    assert DUTY_ID not in run("list", "--stands", "overdue").stdout


def test_words_that_are_none_are_refused(run: Run) -> None:
    result = run("list", "--stands", "late")
    assert result.exit_code == 2
    assert "overdue" in result.output


def test_one_duty_from_opening_to_dispute(run: Run, clock: Clock) -> None:
    clock.us = us("03-04 09:00")
    assert "2026-03-04 09:00  中止，凭据 函〔2026〕7号" in run("suspend", DUTY_ID, *PROOF).stdout
    clock.us = us("03-06 09:00")
    assert "2026-03-18 24:00" in run("resume", DUTY_ID, *PROOF).stdout
    told = run("escalate", DUTY_ID, "--rung", "negotiation", *PROOF).stdout
    assert "争议      双方协商，下一步：同级数据主管部门" in told
    assert "已了结：维持原值" in run("settle", DUTY_ID, "--outcome", "维持原值", *PROOF).stdout
    shown = run("show", DUTY_ID).stdout
    assert "第二十六条，10个工作日" in shown
    assert "剩余9个工作日（含今日）" in shown


def test_a_refusal_tells_reason_and_remedy(run: Run) -> None:
    refused = run("extend", DUTY_ID, "--days", "3", *PROOF)
    assert refused.exit_code == 2
    assert "依据只许延长0次" in refused.output
    assert "走争议程序" in refused.output
    assert run("show", "nothing").exit_code == 2


def test_the_board_now_and_as_of_a_day(run: Run, clock: Clock, register: TestClient) -> None:
    clock.us = us("04-01 09:00")
    rows = json.loads(run("board", "-o", "json").stdout)
    assert [(row["department"], row["overdue"], row["in_time"]) for row in rows] == [("tax", 1, 0.0)]
    assert "逾期未办" in run("board").stdout
    earlier = json.loads(run("board", "--at", "2026-03-13", "-o", "json").stdout)
    assert [(row["overdue"], row["due-soon"]) for row in earlier] == [(0, 1)]
    assert json.loads(run("board", "--at", "2026-03-01", "-o", "json").stdout) == []
    over_http = register.get("/v1/duties/board").json()
    assert over_http["departments"][0]["counts"]["overdue"] == 1


def test_every_duty_is_counted_again(run: Run, tmp_path: Path) -> None:
    run("suspend", DUTY_ID, *PROOF)
    assert run("replay").exit_code == 0
    file = tmp_path / "duties.json"
    file.write_text(run("list", "-o", "json").stdout, encoding="utf-8")
    assert run("replay", str(file)).exit_code == 0
    duties = json.loads(file.read_text(encoding="utf-8"))
    duties[0]["suspended_days"] = 7
    file.write_text(json.dumps(duties), encoding="utf-8")
    forged = run("replay", str(file), "-o", "json")
    assert forged.exit_code == 1
    assert [(row["field"], row["recorded"], row["counted"]) for row in json.loads(forged.stdout)] == [
        ("suspended_days", "7", "0")
    ]


@pytest.mark.parametrize("text", ["{", '{"id": 1}', "[{}]", '[{"changed_at": 1}]'])
def test_a_file_without_duties_is_refused_with_a_remedy(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "duties.json"
    file.write_text(text, encoding="utf-8")
    refused = run("replay", str(file))
    assert refused.exit_code == 2
    assert "onething duty list -o json" in refused.output


def test_limits_with_basis_and_source(run: Run) -> None:
    told = run("limits", "--day", "2025-12-24").stdout
    assert "第二十一条" in told
    assert "西安市公共数据管理办法" not in told
    assert "转述" in run("limits").stdout
    rows: list[dict[str, Any]] = json.loads(run("limits", "-o", "json").stdout)
    assert len(rows) == 9


def test_behind_a_figure_of_the_board_are_its_duties(register: TestClient) -> None:
    found = register.get("/v1/duties/board/tax", params={"stands": "open", "kind": "correction"}).json()
    assert (found["count"], found["duties"][0]["id"]) == (1, DUTY_ID)
    assert register.get("/v1/duties/board/tax", params={"stands": "overdue"}).json()["count"] == 0
    assert register.get("/v1/duties/board/tax", params={"stands": "late"}).status_code == 422
    then = {"at": "2026-04-01T00:00:00+08:00", "stands": "overdue"}
    assert register.get("/v1/duties/board/tax", params=then).json()["count"] == 1


def test_limits_over_http(register: TestClient) -> None:
    told = register.get("/v1/duties/limits", params={"day": "2026-03-02", "place": "610402"}).json()["limits"]
    assert [each["id"] for each in told if each["kind"] == "reply-conditional"] == ["order-809-21-conditional"]
    assert len(register.get("/v1/duties/limits").json()["limits"]) == 9


def test_a_single_duty_is_still_found_by_its_id(register: TestClient) -> None:
    assert register.get(f"/v1/duties/{DUTY_ID}").json()["state"]["kind"] == "correction"
