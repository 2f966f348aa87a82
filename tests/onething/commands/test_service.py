"""`onething bundle notice|form|precheck` against a gateway in memory: what people type, and what they see."""

import json
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from onething.cli import app
from onething.gateway import client as client_module
from tests.onething.gateway.service_hub import LICENCE, RESIDENT_ID, TOKEN, USCC, Hub, served_hub

Run = Callable[..., Result]
BUNDLE = "restaurant-opening"
ASKED = (BUNDLE, "--subject", USCC, "--choice", "signboard=no", "--choice", "gathering=no")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with served_hub() as served:
        yield served


@pytest.fixture
def run(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONETHING_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("onething.endpoints.endpoint", lambda *_: "http://testserver")
    opened = client_module.HubClient
    monkeypatch.setattr(client_module, "HubClient", lambda url: opened(url, hub.http._transport))

    def typed(*words: str, stdin: str = "") -> Result:
        with capture_logs():
            return CliRunner().invoke(app, ["bundle", *words], input=stdin)

    return typed


def columns_of(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in line)


def test_a_notice_says_what_is_held_what_is_needed_and_what_it_takes(run: Run) -> None:
    told = run("notice", *ASKED)
    assert told.exit_code == 0
    for words in ("一次告知", "免于提交（档案已有）", "营业执照", "需要提交", "由申请人提供", "承诺办结时限", "不收费"):
        assert words in told.stdout
    assert max(map(columns_of, told.stdout.splitlines())) <= 100


def test_open_questions_are_told(run: Run) -> None:
    told = run("notice", BUNDLE, "--subject", USCC).stdout
    assert "待选情形" in told
    assert "视情形办理" in told


def test_a_notice_for_programs(run: Run) -> None:
    told = json.loads(run("notice", *ASKED, "-o", "json").stdout)
    assert told["held"][0]["evidence"]["event_id"] == LICENCE.current.event_id.hex()
    assert run("notice", *ASKED, "-o", "yaml").stdout.startswith('bundle: "restaurant-opening"')


def test_a_read_is_recorded_in_the_users_name(run: Run, hub: Hub) -> None:
    run("notice", *ASKED, "--purpose", "咨询")
    (read,) = hub.replica.reads()
    assert read["reader"].startswith("cli:")
    assert (read["purpose"], read["grant"]) == ("咨询", "notice:restaurant-opening")


def test_a_persons_number_is_read_from_standard_input(run: Run, hub: Hub) -> None:
    told = run("notice", "newborn", "--subject", "-", stdin=f"{RESIDENT_ID}\n")
    assert (told.exit_code, RESIDENT_ID in told.output) == (0, False)
    assert hub.replica.asked[0][0] == f"/v1/archives/person:{TOKEN}"


def test_a_form_shows_every_value_with_its_source(run: Run) -> None:
    told = run("form", *ASKED).stdout
    for words in ("共同信息", "已共享", "市市场监管局", "重复收集率"):
        assert words in told
    assert "西安好味餐饮有限公司" in told


def application(**changed: Any) -> str:
    told = {
        "bundle": BUNDLE,
        "subject": USCC,
        "submitted_by": "窗口1",
        "channel": "counter",
        "choices": {"signboard": "no", "gathering": "no"},
        "form": {"contact-phone": "123"},
        "materials": [],
    }
    return json.dumps(told | changed)


def test_the_pre_check_of_a_file_names_every_fault(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "application.json"
    file.write_text(application(), encoding="utf-8")
    told = run("precheck", BUNDLE, "--file", str(file))
    assert told.exit_code == 1
    assert "预审未通过" in told.stdout
    assert "form.contact-phone" in told.stdout.replace("\n", "")
    found = json.loads(run("precheck", BUNDLE, "--file", "-", "-o", "json", stdin=application()).stdout)
    assert not found["passes"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "不是 JSON"),
        ("[]", "应为一个 JSON 对象"),
        (application(bundle="newborn"), "另一件事"),
    ],
)
def test_a_file_that_is_no_application_is_refused(run: Run, text: str, said: str) -> None:
    told = run("precheck", BUNDLE, "--file", "-", stdin=text)
    assert told.exit_code == 2
    assert said in told.output


def test_a_file_that_is_not_there_is_refused(run: Run) -> None:
    assert run("precheck", BUNDLE, "--file", "nothing.json").exit_code == 2


def test_members_that_nobody_knows_are_refused_by_name(run: Run) -> None:
    told = run("precheck", BUNDLE, "--file", "-", stdin=application(hue=1))
    assert (told.exit_code, "hue" in told.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing", "--subject", USCC), "没有这个一件事"),
        ((BUNDLE, "--subject", "91440300708461136X"), "subject"),
        ((BUNDLE, "--subject", USCC, "--choice", "signboard"), "question=choice"),
    ],
)
def test_what_cannot_be_served_is_told_with_a_remedy(run: Run, words: tuple[str, ...], said: str) -> None:
    told = run("notice", *words)
    assert told.exit_code == 2
    assert said in told.output
