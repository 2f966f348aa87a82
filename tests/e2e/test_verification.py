"""The whole path on real processes: facts published, archives kept, a verification asked for, people asked, a report.

One hub for the module: its own broker, registry, archive replica, coordinator and gateway, on free ports.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.keyring import KeyRing
from onething.doors import on_free_ports
from onething.endpoints import endpoint
from onething.gateway.client import GatewayRefused, HubClient
from onething.settings import Settings
from onething.supervisor import RunningHub, running_hub
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.identifiers import make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

CLEAN, PENALISED, LATE, REPAIRED, ENDED = (make_uscc("91", "610100", serial) for serial in range(1, 6))
UNCOVERED = "water.administrative-penalty"
REGISTRATION = "market-regulation.enterprise-registration"
PENALTY = "urban-management.administrative-penalty"
HOUR_US = 3_600_000_000


@dataclass
class City:
    """A hub that runs, with the facts that were published to it."""

    hub: RunningHub
    client: HubClient
    publisher: Callable[[str], Publisher]
    receipts: dict[str, Receipt]
    overdue: str = ""

    def after(self) -> list[tuple[str, str]]:
        return [("after", f"{each.topic}/{each.partition}/{each.offset}") for each in self.receipts.values()]

    def publish(self, name: str, draft: dict[str, Any]) -> Receipt:
        receipt = self.publisher(draft["source"]).publish(draft).result(30)
        assert isinstance(receipt, Receipt), receipt
        self.receipts[name] = receipt
        return receipt

    def cover(self, resource: str) -> None:
        publisher = self.publisher(load_resources().by_code[resource].department)
        self.receipts[f"coverage of {resource}"] = publisher.state_coverage(resource, _now_us())

    def report_of(self, case_id: str, until: Callable[[dict[str, Any]], bool], within_s: float = 60) -> dict[str, Any]:
        deadline, revision = time.monotonic() + within_s, -1
        while time.monotonic() < deadline:
            view = self.client.verification(case_id, revision, 5)
            if until(view):
                return view
            revision = view["revision"]
        raise AssertionError(f"not reached: {view['status']} {[line['answer'] for line in view['lines']]}")

    def answer_as_people(self, department: str, case_id: str, answer: str = "clear") -> None:
        task_id = self.task_of(department, case_id)
        handled = self.client.answer_task(department, task_id, {"answer": answer, "handled_by": "张三"})
        assert handled["status"] == "handled"
        with pytest.raises(GatewayRefused, match="经办人不得审核"):
            self.client.review_task(department, task_id, {"approved": True, "reviewed_by": "张三"})
        reviewed = self.client.review_task(department, task_id, {"approved": True, "reviewed_by": "李四"})
        assert reviewed["status"] == "answered"

    def task_of(self, department: str, case_id: str) -> str:
        self.report_of(case_id, lambda view: any(part["task"] for line in view["lines"] for part in line["parts"]))
        found = self.client.tasks(department, "open")["tasks"]
        return next(str(each["task_id"]) for each in found if each["case_id"] == case_id)


def _now_us() -> int:
    return time.time_ns() // 1000


def _registered(uscc: str) -> dict[str, Any]:
    return {
        "type": "EnterpriseRegistered",
        "source": "market-regulation",
        "resource": REGISTRATION,
        "subject": {"kind": "enterprise", "id": uscc},
        "record_id": f"reg-{uscc}",
        "version": 1,
        "valid_at": _now_us() - HOUR_US,
        "case_id": None,
        "content": {"name": "西安某某科技有限公司", "territory": "610100", "state": "存续"},
    }


def _penalty(uscc: str, resource: str) -> dict[str, Any]:
    return {
        "type": "PenaltyImposed",
        "source": resource.partition(".")[0],
        "resource": resource,
        "subject": {"kind": "enterprise", "id": uscc},
        "record_id": f"pen-{uscc}",
        "version": 1,
        "valid_at": _now_us() - HOUR_US,
        "case_id": None,
        "content": {
            "decision_number": "市城罚〔2026〕1号",
            "cause": "擅自占用城市道路",
            "legal_basis": "城市道路管理条例",
            "penalty_kind": "罚款",
            "amount_fen": 500_000,
            "decided_at": _now_us() - HOUR_US,
            "domain": load_resources().by_code[resource].domain,
            "territory": "610100",
            "state": "in-force",
        },
    }


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with running_hub(settings, tell=print) as hub:
        ids, resources = read_schema_ids(hub.options), load_resources()
        protector = LocalProtector(KeyRing.open_or_create(settings.data_dir / "keys"))
        opened: dict[str, Publisher] = {}

        def publisher(source: str) -> Publisher:
            if source not in opened:
                opened[source] = Publisher(hub.options, source, protector, ids, resources)
            return opened[source]

        with HubClient(endpoint(settings, "gateway")) as client:
            made = City(hub, client, publisher, {})
            try:
                _fill(made)
                # Nobody answers this one; asked first, so that its deadline passes while other tests run.
                made.overdue = _ask(made, CLEAN, deadline_s=30)
                yield made
            finally:
                for each in opened.values():
                    each.close()


def _fill(city: City) -> None:
    for uscc in (CLEAN, PENALISED, LATE, REPAIRED, ENDED):
        city.publish(f"registration of {uscc}", _registered(uscc))
    city.publish("penalty", _penalty(PENALISED, PENALTY))
    for resource in (REGISTRATION, *load_bundles()["listing-compliance"].resources):
        if resource != UNCOVERED:
            city.cover(resource)
    city.client.archive(f"enterprise:{CLEAN}", [("purpose", "测试"), ("grant", "test"), *city.after()], 30)


def _ask(city: City, uscc: str, **more: Any) -> str:
    return city.client.request_verification({"subject": uscc, "purpose": "上市", "requested_by": "测试"} | more)


def _is_reported(view: dict[str, Any]) -> bool:
    return view["report"] is not None


def _lines(view: dict[str, Any]) -> dict[str, Any]:
    return {line["check_id"]: line for line in view["lines"]}


def test_archives_answer_and_people_answer_what_archives_cannot(city: City) -> None:
    case_id = _ask(city, CLEAN)
    asked = city.report_of(case_id, lambda view: view["revision"] >= 2)
    assert [check for check, line in _lines(asked).items() if line["answer"] is None] == ["water"]
    city.answer_as_people("water", case_id)
    done = city.report_of(case_id, _is_reported)
    assert done["report"]["summary"] == {"clear": 17}
    water = next(line for line in done["report"]["lines"] if line["check_id"] == "water")
    assert (water["parts"][0]["handled_by"], water["parts"][0]["reviewed_by"]) == ("张三", "李四")
    assert "未发现记录" in city.client.report_text(case_id, "zh")


def test_what_is_found_names_the_event_that_was_published(city: City) -> None:
    case_id = _ask(city, PENALISED)
    city.answer_as_people("water", case_id)
    done = city.report_of(case_id, _is_reported)
    line = _lines(done)["urban-management"]
    assert line["answer"] == "found"
    assert line["parts"][0]["evidence"] == [city.receipts["penalty"].event_id]
    assert done["report"]["summary"] == {"found": 1, "clear": 16}


def test_a_fact_that_arrives_after_the_report_flips_it(city: City) -> None:
    case_id = _ask(city, LATE)
    city.answer_as_people("water", case_id)
    before = city.report_of(case_id, _is_reported)
    assert before["report"]["summary"] == {"clear": 17}
    late = city.publish("late penalty", _penalty(LATE, PENALTY))
    after = city.report_of(case_id, lambda view: view["status"] == "amended")
    assert _lines(after)["urban-management"]["parts"][0]["evidence"] == [late.event_id]
    assert [each["status"] for each in after["reports"]] == ["superseded", "current"]


def test_a_repaired_penalty_turns_what_was_found_to_clear(city: City) -> None:
    city.publish("penalty to repair", _penalty(REPAIRED, PENALTY))
    case_id = _ask(city, REPAIRED)
    city.answer_as_people("water", case_id)
    before = city.report_of(case_id, _is_reported)
    assert before["report"]["summary"] == {"found": 1, "clear": 16}
    repaired = _penalty(REPAIRED, PENALTY) | {"type": "PenaltyRepaired", "version": 2, "valid_at": _now_us()}
    repaired["content"] |= {"state": "repaired", "repaired_at": _now_us()}
    city.publish("repair", repaired)
    after = city.report_of(case_id, lambda view: view["status"] == "amended")
    assert _lines(after)["urban-management"]["answer"] == "clear"
    assert [each["status"] for each in after["reports"]] == ["superseded", "current"]
    again = city.report_of(_ask(city, REPAIRED), lambda view: view["revision"] >= 2)
    assert _lines(again)["urban-management"]["answer"] == "clear"


def test_an_enterprise_that_has_ended_keeps_its_archive_and_is_answered_for_as_ended(city: City) -> None:
    ground = [("purpose", "测试"), ("grant", "test")]
    before = city.client.archive(f"enterprise:{ENDED}", ground, 10)
    ended = _registered(ENDED) | {"type": "EnterpriseChanged", "version": 2, "valid_at": _now_us()}
    ended["content"] |= {"state": "注销"}
    receipt = city.publish("deregistration", ended)
    after = ("after", f"{receipt.topic}/{receipt.partition}/{receipt.offset}")
    archive = city.client.archive(f"enterprise:{ENDED}", [*ground, after], 10)
    assert before["closed"] is None
    assert (archive["closed"]["event_id"], archive["closed"]["state"]) == (receipt.event_id, "注销")
    (registration,) = archive["records"]
    assert [each["event_id"] for each in registration["history"]] == [before["records"][0]["event_id"]]
    told = city.report_of(_ask(city, ENDED), lambda view: view["revision"] >= 2)
    line = _lines(told)["urban-management"]
    assert line["answer"] == "clear"
    assert line["parts"][0]["note"].startswith("主体已注销（自")


def test_an_archive_can_be_read_right_after_its_fact_and_as_it_was_before(city: City) -> None:
    ground = [("purpose", "测试"), ("grant", "test")]
    receipt = city.publish("second penalty", _penalty(CLEAN, "ecology.administrative-penalty"))
    after = ("after", f"{receipt.topic}/{receipt.partition}/{receipt.offset}")
    now = city.client.archive(f"enterprise:{CLEAN}", [*ground, after], 10)
    known = {each["event_id"]: each["known_at"] for each in now["records"]}
    assert receipt.event_id in known
    earlier = city.client.archive(f"enterprise:{CLEAN}", [*ground, ("as_of", str(known[receipt.event_id] - 1000))], 10)
    assert {each["event_id"] for each in earlier["records"]} == set(known) - {receipt.event_id}


def test_what_comes_in_over_http_is_in_the_archive(city: City) -> None:
    url = endpoint(city.hub.settings, "gateway")
    draft = _penalty(CLEAN, "transport.administrative-penalty") | {"record_id": "over-http"}
    answer = httpx2.post(f"{url}/v1/events", json=draft, timeout=30)
    assert answer.status_code == 200, answer.text
    place = answer.json()["receipt"]
    after = ("after", f"{place['topic']}/{place['partition']}/{place['offset']}")
    body = city.client.archive(f"enterprise:{CLEAN}", [("purpose", "测试"), ("grant", "test"), after], 10)
    assert place["event_id"] in {each["event_id"] for each in body["records"]}


def test_the_gateway_is_ready_and_lists_its_cases(city: City) -> None:
    url = endpoint(city.hub.settings, "gateway")
    checks = httpx2.get(f"{url}/health/ready").json()["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == dict.fromkeys(
        ("kafka", "schemas", "archive", "cases"), True
    )
    case_id = _ask(city, PENALISED)
    city.report_of(case_id, lambda view: view["revision"] >= 1)
    listed = httpx2.get(f"{url}/v1/verifications", params={"subject": PENALISED, "page_size": 1}).json()
    assert [each["case_id"] for each in listed["verifications"]] == [case_id]


def test_an_archive_is_shown_on_the_command_line(city: City) -> None:
    environment = {**os.environ, "ONETHING_DATA_DIR": str(city.hub.settings.data_dir), "COLUMNS": "200"}
    words = ("archive", "show", PENALISED, "--purpose", "测试", "--grant", "test")
    command = [sys.executable, "-m", "onething", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    place = city.receipts["penalty"]
    assert f"{place.topic}/{place.partition}/{place.offset}" in done.stdout
    unknown = subprocess.run(
        [*command[:5], make_uscc("91", "610100", 99), *command[6:]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (unknown.returncode, "查无此主体" in unknown.stderr) == (2, True)


def test_the_report_goes_out_at_the_deadline_whatever_is_missing(city: City) -> None:
    done = city.report_of(city.overdue, _is_reported)
    waited = datetime.fromisoformat(done["report"]["issued_at"]) - datetime.fromisoformat(done["requested_at"])
    assert 30 <= waited.total_seconds() < 40
    assert _lines(done)["water"]["answer"] in ("unavailable", "timed-out")
    assert done["report"]["lines"][-1]["answer"] == "clear"


def test_the_command_shows_the_lines_and_saves_the_report(city: City, tmp_path: Path) -> None:
    city.cover(UNCOVERED)
    city.client.archive(f"enterprise:{LATE}", [("purpose", "测试"), ("grant", "test"), *city.after()], 30)
    environment = {**os.environ, "ONETHING_DATA_DIR": str(city.hub.settings.data_dir), "COLUMNS": "160"}
    command = [sys.executable, "-m", "onething", "verify", PENALISED, "--save", str(tmp_path / "report.json")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "发现记录 1 项" in done.stdout
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["summary"] == {"found": 1, "clear": 16}
    assert (tmp_path / "report.txt").is_file()
