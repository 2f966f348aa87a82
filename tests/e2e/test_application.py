"""A bundle handled on real processes, through HTTP alone: applied for, decided on by six departments, paid, handed out.

One hub for the module, with its own broker and a real payment office beside it. The applicant is the one of the first
example of 企业信息变更, whose facts are published first.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from confluent_kafka import TopicPartition
from pydantic import SecretStr

from catalog.bundles import Example, load_bundles
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.kafka import consumer
from connectors.keyring import KeyRing
from connectors.payment import HEADER
from connectors.payment.office import PaymentOffice
from connectors.payment.running import running_office
from onething.doors import on_free_ports
from onething.endpoints import endpoint
from onething.gateway.case_client import CaseClient
from onething.gateway.client import GatewayRefused
from onething.settings import PaymentSettings, Settings
from onething.supervisor import RunningHub, running_hub
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.codec import RowCodec
from topics.events import ArchiveRead

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

BUNDLE = load_bundles()["enterprise-change"]
EXAMPLE = BUNDLE.examples[0]
RESTAURANT = load_bundles()["restaurant-opening"].examples[0]
UNCOVERED = "market-regulation.business-licence"
"""Nobody states how complete it is, so people are asked for the licence of the restaurant, which it lacks."""
USCC = EXAMPLE.rest["subject"]["id"]
LEAD = "market-regulation"
SECRET = b"between hub and office"
FEE_FEN = 24000


@dataclass
class Window:
    """A hub that runs, its payment office, and a client that stands for every person of the story."""

    hub: RunningHub
    client: CaseClient
    office: PaymentOffice

    def inbox(self, department: str) -> list[dict[str, Any]]:
        return list(self.client.assignments(department, [("state", "active")])["assignments"])

    def awaited(self, case_id: str, until: Callable[[dict[str, Any]], bool], within_s: float = 60) -> dict[str, Any]:
        deadline, revision = time.monotonic() + within_s, -1
        while time.monotonic() < deadline:
            view = self.client.application(case_id, after_revision=revision, wait_s=5)
            if until(view):
                return view
            revision = view["revision"]
        raise AssertionError(f"not reached: {view['status']} {[(item['id'], item['state']) for item in view['items']]}")

    def decide(self, department: str, **body: Any) -> dict[str, Any]:
        """The department decides on what lies in its inbox, by two persons where that is asked for."""
        (assignment,) = (each for each in self.inbox(department) if each["kind"] == "item")
        id_ = assignment["assignment_id"]
        state = self.client.decide(department, id_, {"decision": "approve", "handled_by": "张三"} | body)
        if state["state"] != "handled":
            return state
        with pytest.raises(GatewayRefused, match="经办人不得审核"):
            self.client.review(department, id_, {"approved": True, "reviewed_by": "张三"})
        return self.client.review(department, id_, {"approved": True, "reviewed_by": "李四"})


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with running_office(SECRET) as office:
        payment = PaymentSettings(url=office.url, secret=SecretStr(SECRET.decode()))
        settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub"), payment=payment))
        with running_hub(settings, tell=print) as hub, CaseClient(endpoint(settings, "gateway")) as client:
            _publish_facts(hub, client)
            yield Window(hub, client, office)


def _publish_facts(hub: RunningHub, client: CaseClient) -> None:
    ids, resources = read_schema_ids(hub.options), load_resources()
    protector = LocalProtector(KeyRing.open_or_create(hub.settings.data_dir / "keys"))
    after = []
    facts = [(EXAMPLE, dict(told)) for told in EXAMPLE.facts]
    facts += [(RESTAURANT, dict(told)) for told in RESTAURANT.facts if told["resource"] != UNCOVERED]
    for place, (example, told) in enumerate(facts):
        source = told["resource"].partition(".")[0]
        with closing(Publisher(hub.options, source, protector, ids, resources)) as publisher:
            taken = publisher.publish(_draft(place, told, source, example.rest["subject"])).result(30)
            assert isinstance(taken, Receipt), taken
            after.append(("after", f"{taken.topic}/{taken.partition}/{taken.offset}"))
            if told["resource"] != UNCOVERED:
                publisher.state_coverage(told["resource"], time.time_ns() // 1000)
    client.archive(f"enterprise:{USCC}", [("purpose", "测试"), ("grant", "test"), *after], 30)


def _draft(place: int, told: dict[str, Any], source: str, subject: dict[str, str]) -> dict[str, Any]:
    return {
        "type": told["type"],
        "source": source,
        "resource": told["resource"],
        "subject": subject,
        "record_id": f"{told['resource']}:{place}",
        "version": 1,
        "valid_at": told["valid_at"],
        "case_id": None,
        "content": dict(told["content"]),
    }


def _application(bundle: str = BUNDLE.id, example: Example = EXAMPLE, **more: Any) -> dict[str, Any]:
    materials = [{"id": each["material"], "means": each["means"]} for each in example.supplied]
    return {
        "bundle": bundle,
        "subject": example.rest["subject"]["id"],
        "submitted_by": "窗口小刘",
        "channel": "counter",
        "received_at": {"level": "street", "code": "610103003"},
        "choices": dict(example.choices),
        "form": dict(example.form),
        "materials": materials,
    } | more


def test_a_bundle_is_handled_from_the_counter_to_the_evaluation(window: Window) -> None:
    client = window.client
    with pytest.raises(GatewayRefused) as refused:
        client.submit(_application(materials=[], form={}))
    assert {"materials.application-statement", "form.contact-name"} <= {
        fault["field"] for fault in refused.value.problem["faults"]
    }

    receipt = client.submit(_application(), "k-1", wait_s=20)
    case_id = receipt["case_id"]
    assert "西安" not in receipt["receipt"]
    assert "收件凭证" in receipt["receipt"]
    assert client.submit(_application(), "k-1")["case_id"] == case_id
    with pytest.raises(GatewayRefused, match="不可重复申请"):
        client.submit(_application(purpose="再来一次"))

    # 市场监管 asks for something, once; the clock stands meanwhile.
    asked = window.decide(LEAD, decision="supplement", reason="承诺书未签字", missing=["application-statement"])
    assert asked["case_status"] == "supplementing"
    supplied = {"materials": [{"id": "application-statement"}], "supplemented_by": "企业经办"}
    assert client.act(case_id, "supplement", supplied)["status"] == "handling"
    later = {"materials": [{"id": "amended-articles", "means": "paper"}], "supplemented_by": "企业经办"}
    client.act(case_id, "supplement", later)
    assert window.decide(LEAD)["item_state"] == "approved"

    # Four departments at once; the seal costs something.
    window.awaited(case_id, lambda view: len(_open(view)) == 4)
    assert window.decide("public-security", fee_fen=FEE_FEN)["item_state"] == "paying"
    for department in ("tax", "human-resources", "housing-fund"):
        assert window.decide(department)["item_state"] == "approved"
    assert window.inbox("peoples-bank") == []
    _pay(window, case_id)
    window.awaited(case_id, lambda view: len(_open(view)) == 1)
    assert window.decide("peoples-bank")["item_state"] == "approved"

    view = window.awaited(case_id, lambda view: view["status"] == "deciding")
    assert view["outcome"] == "approved"
    delivered = client.act(case_id, "delivery", {"department": LEAD, "by": "王五", "reference": "签收001"})
    assert delivered["status"] == "delivered"
    judged = client.act(case_id, "evaluation", {"stars": 1, "comment": "等太久", "evaluated_by": "企业经办"})
    assert judged["evaluation"]["stars"] == 1
    client.act(case_id, "rectification", {"department": LEAD, "by": "王五", "answer": "已增设窗口"})
    told = [notice["kind"] for notice in client.application(case_id)["notices"]]
    assert {"receipt", "supplement", "result", "rectification"} <= set(told)

    _is_found_everywhere(window, case_id)


def _open(view: dict[str, Any]) -> list[str]:
    return [item["id"] for item in view["items"] if item["state"] == "open"]


def _pay(window: Window, case_id: str) -> None:
    """Nobody believes a forged notice; the office's own closes the item, and comes twice without harm."""
    deadline = time.monotonic() + 30
    while not window.office.requests and time.monotonic() < deadline:
        window.client.application(case_id, after_revision=1_000_000, wait_s=0.2)
    (order,) = window.office.requests.values()
    assert (order.case_id, order.amount_fen, order.payer) == (case_id, FEE_FEN, f"enterprise:{USCC}")
    (fee,) = window.client.payments(case_id)["payments"]
    assert (fee["amount_fen"], fee["state"]) == (FEE_FEN, "unpaid")
    callback = f"{endpoint(window.hub.settings, 'gateway')}/v1/payments/callback"
    forged = httpx2.post(callback, content=b"{}", headers={HEADER: f"t=1,v1={'0' * 64}"}, trust_env=False)
    assert forged.status_code == 401
    assert httpx2.post(fee["pay_url"], trust_env=False).json()["state"] == "paid"
    window.awaited(case_id, lambda view: view["items"][1]["state"] == "approved")
    assert window.office.call(fee["payment_id"]) == 200
    (paid,) = window.client.payments(case_id)["payments"]
    assert paid["state"] == "paid"


def _is_found_everywhere(window: Window, case_id: str) -> None:
    client = window.client
    for query in (
        [("subject", USCC), ("bundle", BUNDLE.id)],
        [("department", "tax"), ("state", "ended")],
        [("place", "610103"), ("kind", "handling")],
    ):
        assert case_id in {row["case_id"] for row in client.cases(query)["cases"]}, query
    assert [row["case_id"] for row in client.evaluations([("most_stars", "2")])["evaluations"]] == [case_id]
    saving = client.savings(BUNDLE.id)
    assert (saving["count"], saving["steps"]["median"]) == (1, 5.0)


def test_a_check_inside_a_bundle_is_answered_by_people_where_the_archive_cannot(window: Window) -> None:
    asked = _application("restaurant-opening", RESTAURANT)
    asked["materials"].append({"id": "business-licence", "means": "paper"})
    asked["form"]["business-licence-number"] = "610103100900003"
    case_id = window.client.submit(asked, wait_s=20)["case_id"]
    window.awaited(case_id, lambda view: _tasks(view) != [])
    (task,) = window.client.tasks(LEAD, "open")["tasks"]
    assert task["case_id"] == case_id
    handled = window.client.answer_task(LEAD, task["task_id"], {"answer": "found", "handled_by": "张三"})
    assert handled["status"] == "handled"
    window.client.review_task(LEAD, task["task_id"], {"approved": True, "reviewed_by": "李四"})
    view = window.awaited(case_id, lambda view: len(_open(view)) == 3)
    assert view["items"][0]["state"] == "approved"
    promised = {each["material"]: (each["state"], each["due_at"] is None) for each in view["materials"]}
    assert promised["fire-plan"] == ("due", True)
    assert promised["staff-health-certificates"] == ("due", False)


def _tasks(view: dict[str, Any]) -> list[dict[str, Any]]:
    lines = [] if view["checks"] is None else view["checks"]["lines"]
    return [part["task"] for line in lines for part in line["parts"] if part["task"]]


def test_of_two_applications_of_the_same_moment_one_is_taken_and_the_other_told(window: Window) -> None:
    asked = _application("restaurant-opening", RESTAURANT, subject=USCC)
    with ThreadPoolExecutor(2) as both:
        sent = [both.submit(_sent, window, asked, key) for key in ("a", "b")]
    answers = [each.result() for each in sent]
    won = [answer for answer in answers if "case_id" in answer]
    lost = [answer for answer in answers if "case_id" not in answer]
    assert (len(won), len(lost)) == (1, 1), answers
    assert won[0]["case_id"] in lost[0]["detail"]


def _sent(window: Window, asked: dict[str, Any], key: str) -> dict[str, Any]:
    with CaseClient(endpoint(window.hub.settings, "gateway")) as client:
        try:
            return client.submit(asked, key, wait_s=20)
        except GatewayRefused as refused:
            return refused.problem


def test_a_department_reads_its_own_fields_and_the_log_knows_it(window: Window) -> None:
    query = [("subject", USCC), ("bundle", BUNDLE.id)]
    (case_id,) = (row["case_id"] for row in window.client.cases(query)["cases"])
    shown = window.client.form(case_id, "tax", "核对税务登记", "赵六")
    assert "new-enterprise-name" not in {each["id"] for each in shown["fields"]}
    assert shown["withheld"] > 0
    reads = [each for each in _reads(window) if each.resources == ("case.form",)]
    assert [(each.reader, each.purpose, each.case_id) for each in reads] == [("tax:赵六", "核对税务登记", case_id)]


def _reads(window: Window) -> list[ArchiveRead]:
    """Every read on record, from the beginning of the topic to its end as it is now."""
    codec = RowCodec(read_schema_ids(window.hub.options))
    client = consumer(window.hub.options, "test-reads")
    partitions = client.list_topics("access.reads", timeout=10).topics["access.reads"].partitions
    client.assign([TopicPartition("access.reads", each, 0) for each in partitions])
    left = {
        each: client.get_watermark_offsets(TopicPartition("access.reads", each), timeout=10)[1] for each in partitions
    }
    found: list[ArchiveRead] = []
    while any(left.values()):
        message = client.poll(5)
        assert message is not None
        event = codec.event(message.value())
        assert isinstance(event, ArchiveRead)
        found.append(event)
        offset, partition = message.offset(), message.partition()
        assert offset is not None
        assert partition is not None
        if offset + 1 >= left[partition]:
            left[partition] = 0
    client.close()
    return found
