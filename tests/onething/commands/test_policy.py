"""`onething policy`: what people type, and what they see."""

import json
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from catalog.policies import load_policies
from onething.cli import app
from onething.gateway import client as client_module
from processors.archive.store import ArchiveStore
from tests.onething.gateway.policy_hub import SUBJECT, TRIAL, Replica, policy_hub
from tests.processors.policies.archives import DEFINITION
from tests.processors.policies.events import CITY
from tests.processors.policies.stores import IDS, filled

Run = Callable[..., Result]
POLICY = "stabilisation-refund"


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    monkeypatch.setattr("onething.endpoints.endpoint", lambda *_: "http://testserver")
    opened = client_module.HubClient
    with policy_hub() as (http, replica, _):
        monkeypatch.setattr(client_module, "HubClient", lambda url: opened(url, http._transport))
        yield replica


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONETHING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "100")

    def typed(*words: str) -> Result:
        with capture_logs():
            return CliRunner().invoke(app, ["policy", *words])

    return typed


def columns_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_the_list_fits_a_terminal_and_says_that_the_policies_are_ours(run: Run) -> None:
    told = run("list")
    assert told.exit_code == 0
    assert all(each in told.stdout for each in load_policies())
    assert "平台拟定的示例" in told.stdout
    assert max(map(columns_of, told.stdout.splitlines())) <= 100


@pytest.mark.parametrize("words", [("list",), ("show", POLICY), ("lint",)])
def test_programs_read_json_and_yaml(run: Run, words: tuple[str, ...]) -> None:
    assert json.loads(run(*words, "-o", "json").stdout) is not None
    assert run(*words, "-o", "yaml").exit_code == 0


def test_a_policy_is_shown(run: Run) -> None:
    told = run("show", POLICY).stdout
    for words in ("失业保险稳岗返还", "市人社局", "示例，由平台拟定", 'status == "参保"', "社会保险登记信息"):
        assert words in told


def test_an_unknown_policy_is_told_with_its_neighbours(run: Run) -> None:
    told = run("show", "stabilization-refund")
    assert told.exit_code == 2
    assert POLICY in told.stderr


def test_the_project_s_policies_have_no_fault(run: Run) -> None:
    told = run("lint")
    assert (told.exit_code, "没有问题" in told.stdout) == (0, True)


def test_every_fault_of_a_folder_or_a_file_is_named(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    path = folder / "restaurant-support.toml"
    path.write_text(DEFINITION.replace("version = 3", "version = 0").replace("r.content.state", "r.content.stat"))
    for given in (folder, path):
        told = run("lint", str(given))
        assert told.exit_code == 1
        assert "restaurant-support.toml:3: version" in told.stdout
        assert "content.stat is no field" in told.stdout
    assert run("lint", str(tmp_path / "nowhere")).exit_code == 2


def test_a_match_says_why_condition_by_condition(run: Run, replica: Replica) -> None:
    told = run("match", SUBJECT.removeprefix("enterprise:"), "--policy", POLICY)
    assert told.exit_code == 0, told.output
    assert "✓ 符合  存续：有 1 条记录为据" in told.stdout
    assert "？ 不能断定  无欠缴：数源部门未作覆盖声明" in told.stdout
    assert "1 项政策，符合 0 项" in told.stdout
    assert replica.asked[0][1]["reader"][0].startswith("cli:")


def test_a_trial_shows_counts_reasons_and_both_rates(run: Run, replica: Replica) -> None:
    told = run("try", POLICY)
    assert told.exit_code == 0, told.output
    for words in ("40 份：符合 8，不符合 2，不能断定 0，预筛排除 30", "每秒 500,000 条", "每秒 7,000 份", SUBJECT):
        assert words in told.stdout
    assert "“社会保险登记信息”未作覆盖声明" in told.stdout
    assert max(map(columns_of, told.stdout.splitlines())) <= 100
    assert json.loads(run("try", POLICY, "-o", "json").stdout) == TRIAL
    assert replica.asked[0][1]["purpose"] == "政策试算"


def test_a_policy_that_is_being_written_is_tried(run: Run, replica: Replica, tmp_path: Path) -> None:
    path = tmp_path / "restaurant-support.toml"
    path.write_text(DEFINITION, encoding="utf-8")
    assert run("try", str(path)).exit_code == 0
    assert replica.asked[0][1]["definition"] == DEFINITION


def test_a_trial_that_breaks_off_is_no_result(run: Run, replica: Replica) -> None:
    replica.lines = replica.lines[:1]
    told = run("try", POLICY)
    assert (told.exit_code, "没有完成" in told.stderr) == (2, True)
    replica.lines = [{"problem": {"title": "读取未能留痕", "detail": "x", "remedy": "ask again later"}}]
    told = run("try", POLICY)
    assert (told.exit_code, "读取未能留痕" in told.stderr) == (2, True)


def test_the_store_of_a_replica_that_does_not_run_is_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "store", CITY).close()
    path = tmp_path / "restaurant-support.toml"
    path.write_text(DEFINITION, encoding="utf-8")
    monkeypatch.setattr("onething.policy_trials.kafka_options", lambda _: None)
    monkeypatch.setattr("onething.policy_trials.read_schema_ids", lambda _: IDS)
    told = run("try", str(path), "--store", str(tmp_path / "store"), "-o", "json")
    trial = json.loads(told.stdout)
    # Nobody has stated coverage there: silence says nothing.
    assert trial["outcomes"] == {"cannot-tell": 1, "not-matched": 1}
    again = run("try", str(path), "--store", str(tmp_path / "store"))
    assert "未作覆盖声明" in again.stdout
    with closing(ArchiveStore(tmp_path / "store")):
        owned = run("try", str(path), "--store", str(tmp_path / "store"))
    assert (owned.exit_code, "打不开" in owned.stderr) == (2, True)


def test_a_store_that_is_none_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onething.policy_trials.kafka_options", lambda _: None)
    monkeypatch.setattr("onething.policy_trials.read_schema_ids", lambda _: None)
    told = run("try", POLICY, "--store", str(tmp_path))
    assert (told.exit_code, "不是档案库" in told.stderr) == (2, True)
