"""A promise through the whole hub: offered, made, found broken, known to supervision and credit, repaired.

And on its way: a licence of a department with a system of its own closes its item; results decided at the hub become
records; an enterprise that has ended applies no more.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import pytest

from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.keyring import KeyRing
from onething.doors import on_free_ports
from onething.settings import Settings
from onething.supervisor import running_hub
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

BUNDLE = load_bundles()["restaurant-opening"]
EXAMPLE = BUNDLE.examples[0]
SUBJECT: dict[str, str] = dict(EXAMPLE.rest["subject"])
CREDIT = "industry-and-information.commitment-breach"
BREACHES = {each.code for each in load_resources().of_record_type("commitment-breach")}
COVERED = sorted(
    BREACHES | {"fire-rescue.administrative-penalty", "market-regulation.food-licence"} | set(BUNDLE.resources)
)
WAIT_S = 60.0

Found = TypeVar("Found")


@dataclass
class City:
    """A hub that runs, its gateway and its publishers."""

    http: httpx2.Client
    publisher: Callable[[str], Publisher]

    def publish(self, draft: dict[str, Any]) -> Receipt:
        outcome = self.publisher(draft["source"]).publish(draft).result(30)
        assert isinstance(outcome, Receipt), outcome
        return outcome

    def notice(self) -> dict[str, Any]:
        asked = {"subject": SUBJECT["id"], "reader": "测试", "purpose": "一次告知"}
        chosen = {f"choice.{question}": choice for question, choice in EXAMPLE.choices.items()}
        return self._body(self.http.get(f"/v1/bundles/{BUNDLE.id}/notice", params=asked | chosen))

    def application(self, case_id: str) -> dict[str, Any]:
        return self._body(self.http.get(f"/v1/applications/{case_id}"))

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self._body(self.http.post(f"/v1/{path}", json=body))

    def archive(self, receipt: Receipt | None = None) -> dict[str, Any]:
        after = [f"{receipt.topic}/{receipt.partition}/{receipt.offset}"] if receipt else []
        asked = {"purpose": "测试", "grant": "test", "after": after}
        return self._body(self.http.get(f"/v1/enterprises/{SUBJECT['id']}/archive", params=asked))

    def decide(self, department: str, case_id: str, number: int) -> None:
        """Two persons of the department approve the item, with the result that the register states."""
        item = next(each for each in BUNDLE.items if each.number == number)
        assert item.registered.elaborated
        assert item.registered.elaborated.result
        result = item.registered.elaborated.result
        assignment = until(lambda: self._assignment(department, case_id, number), f"item {number} is in the inbox")
        place = f"departments/{department}/assignments/{assignment['assignment_id']}"
        self.post(
            f"{place}/decision",
            decision="approve",
            handled_by="张三",
            results=[{"name": result.name, "resource": result.resource}],
        )
        self.post(f"{place}/review", approved=True, reviewed_by="李四")

    def _assignment(self, department: str, case_id: str, number: int) -> dict[str, Any] | None:
        listed = self._body(self.http.get(f"/v1/departments/{department}/assignments"))["assignments"]
        return next((each for each in listed if (each["case_id"], each["number"]) == (case_id, number)), None)

    @staticmethod
    def _body(answer: httpx2.Response) -> dict[str, Any]:
        assert answer.is_success, f"{answer.status_code} {answer.text}"
        return dict(answer.json())


def until(look: Callable[[], Found | None], what: str) -> Found:
    pause = threading.Event()
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        pause.wait(0.1)
    raise AssertionError(f"not within {WAIT_S:.0f} s: {what}")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with running_hub(settings, tell=print) as hub:
        ids, opened = read_schema_ids(hub.options), dict[str, Publisher]()
        protector = LocalProtector(KeyRing.open_or_create(settings.data_dir / "keys"))

        def publisher(source: str) -> Publisher:
            if source not in opened:
                opened[source] = Publisher(hub.options, source, protector, ids, load_resources())
            return opened[source]

        with httpx2.Client(base_url=hub.url("gateway"), timeout=60, trust_env=False) as http:
            made = City(http, publisher)
            try:
                _fill(made)
                yield made
            finally:
                for each in opened.values():
                    each.close()


def _fill(city: City) -> None:
    for number, fact in enumerate(EXAMPLE.facts):
        source = fact["resource"].partition(".")[0]
        told = {"source": source, "subject": SUBJECT, "record_id": f"r-{number}", "version": 1}
        receipt = city.publish({**fact, **told})
    for code in COVERED:
        city.publisher(load_resources().by_code[code].department).state_coverage(code, time.time_ns() // 1000)
    city.archive(receipt)


def _offer(notice: dict[str, Any], material: str) -> dict[str, Any]:
    return next(dict(each) for each in notice["offers"] if each["material"] == material)


@pytest.fixture(scope="module")
def case_id(city: City) -> str:
    """The example's application, every item approved: one by its licence, the others by two persons."""
    body = city.http.post(
        "/v1/applications",
        headers={"Prefer": "wait=20"},
        json={
            "bundle": BUNDLE.id,
            "subject": SUBJECT["id"],
            "submitted_by": "店主",
            "choices": dict(EXAMPLE.choices),
            "form": dict(EXAMPLE.form),
            "materials": [{"id": each["material"], "means": each["means"]} for each in EXAMPLE.supplied],
        },
    )
    assert body.status_code == 201, body.text
    return str(body.json()["case_id"])


def test_a_promise_is_offered_to_who_never_broke_one(city: City) -> None:
    notice = city.notice()
    assert _offer(notice, "fire-plan")["eligible"] is True
    assert notice["broken"] == []


def test_a_licence_that_carries_the_case_closes_its_item(city: City, case_id: str) -> None:
    until(lambda: _state(city, case_id, 2) == "open", "the licence is dispatched")
    city.publish(
        {
            "type": "LicenceIssued",
            "source": "market-regulation",
            "resource": "market-regulation.food-licence",
            "subject": SUBJECT,
            "record_id": "JY26101030000001",
            "version": 1,
            "valid_at": time.time_ns() // 1000,
            "case_id": case_id,
            "content": {
                "licence_type": "food-licence",
                "licence_name": "食品经营许可证",
                "licence_number": "JY26101030000001",
                "issuer_name": "西安市市场监督管理局",
                "issued_on": "2026-11-20",
                "state": "有效",
                "territory": "610103",
            },
        }
    )
    until(lambda: _state(city, case_id, 2) == "approved", "the item is closed by its licence")


def test_what_is_decided_at_the_hub_becomes_a_record(city: City, case_id: str) -> None:
    city.decide("urban-management", case_id, 3)
    city.decide("fire-rescue", case_id, 4)
    both = {"urban-management.signboard-filing", "fire-rescue.fire-safety-permit"}
    until(lambda: _held(city) >= both, "the results are in the archive")
    until(lambda: city.application(case_id)["status"] == "deciding", "everything is decided")


def test_a_broken_promise_is_known_to_supervision_and_credit_and_to_the_next_notice(city: City, case_id: str) -> None:
    city.post(
        f"applications/{case_id}/commitments", department="fire-rescue", by="王五", material="fire-plan", kept=False
    )
    until(lambda: _held(city) >= BREACHES, "the breach is in the archive")
    notice = city.notice()
    assert {each["resource"] for each in notice["broken"]} == BREACHES
    assert _offer(notice, "fire-plan")["eligible"] is False
    assert _offer(notice, "staff-health-certificates")["eligible"] is False


def test_credit_repairs_it_and_promises_are_offered_again(city: City) -> None:
    (breach,) = (each for each in city.archive()["records"] if each["resource"] == CREDIT)
    repaired_at = time.time_ns() // 1000
    content = {name: value for name, value in breach["content"].items() if value is not None}
    city.publish(
        {
            "type": "PenaltyRepaired",
            "source": "industry-and-information",
            "resource": CREDIT,
            "subject": SUBJECT,
            "record_id": breach["record_id"],
            "version": breach["version"] + 1,
            "valid_at": repaired_at,
            "content": {**content, "state": "repaired", "repaired_at": repaired_at},
        }
    )
    until(lambda: city.notice()["broken"] == [], "supervision has heard of the repair")
    assert _offer(city.notice(), "fire-plan")["eligible"] is True


def test_who_has_ended_is_told_so_and_applies_no_more(city: City) -> None:
    (registered,) = (each for each in city.archive()["records"] if each["record_type"] == "enterprise-registration")
    fact = next(dict(each) for each in EXAMPLE.facts if each["type"] == "EnterpriseRegistered")
    told = {"source": "market-regulation", "subject": SUBJECT, "record_id": registered["record_id"], "version": 2}
    content = {**fact["content"], "state": "注销", "closed_on": "2026-11-21"}
    valid = {"type": "EnterpriseChanged", "valid_at": time.time_ns() // 1000, "content": content}
    assert city.archive(city.publish({**fact, **told, **valid}))["closed"]["state"] == "注销"
    assert city.notice()["closed"]["by"] == "market-regulation.enterprise-registration"
    assert "subject-closed" in _faults(city, "enterprise-change")
    assert "subject-closed" not in _faults(city, "enterprise-deregistration")


def _faults(city: City, bundle: str) -> str:
    """What stands against an application of the subject that says nothing but its bundle."""
    application = {"bundle": bundle, "subject": SUBJECT["id"], "submitted_by": "店主"}
    return city.http.post("/v1/applications", json=application).text


def _state(city: City, case_id: str, number: int) -> str:
    return str(next(each["state"] for each in city.application(case_id)["items"] if each["number"] == number))


def _held(city: City) -> set[str]:
    return {each["resource"] for each in city.archive()["records"]}
