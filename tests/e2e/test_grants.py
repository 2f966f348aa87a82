"""Data applied for, granted, read, refused and disposed of, on real processes; every read is on record."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from confluent_kafka import TopicPartition

from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.kafka import consumer
from connectors.keyring import KeyRing
from onething.catalog_client import CatalogClient, CatalogRefused
from onething.doors import on_free_ports
from onething.gateway.client import HubClient
from onething.settings import Settings
from onething.supervisor import RunningHub, running_hub
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.codec import RowCodec
from topics.events import ArchiveRead
from topics.identifiers import make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

USCC = make_uscc("91", "610100", 7)
ELSEWHERE = make_uscc("91", "610500", 7)
PENALTY = "urban-management.administrative-penalty"
REGISTRATION = "market-regulation.enterprise-registration"
PURPOSE = "政府采购资格审查"
PROVIDER = "urban-management"
FIELDS = ["cause", "penalty_kind"]
WAIT_S = 60.0
AT_US = time.time_ns() // 1000


@dataclass
class Offices:
    """The hub, and the two offices that share data through it."""

    hub: RunningHub
    catalog: CatalogClient
    http: httpx2.Client

    def does(self, demand: str, action: str, person: str, **payload: Any) -> dict[str, Any]:
        return self.catalog.do("demand", demand, action, {"actor": person, "payload": payload})

    def reads(self, uscc: str = USCC, reader: str = "finance:wang", **query: str) -> httpx2.Response:
        asked = {"purpose": PURPOSE} | query
        return self.http.get(f"/v1/enterprises/{uscc}/archive", params=asked, headers={"X-Reader": reader})

    def reads_until(self, wanted: int, **query: str) -> dict[str, Any]:
        """Read until the replica knows what was granted or ended."""
        until = time.monotonic() + WAIT_S
        while (answer := self.reads(**query)).status_code != wanted:
            assert time.monotonic() < until, answer.text
        return dict(answer.json())

    def recorded(self, grant: str) -> list[ArchiveRead]:
        """Every read under the grant that the log has, shown or refused."""
        codec = RowCodec(read_schema_ids(self.hub.options))
        found: list[ArchiveRead] = []
        with closing(consumer(self.hub.options, "looking-on")) as reading:
            topic = reading.list_topics("access.reads").topics["access.reads"]
            places = [TopicPartition("access.reads", each, 0) for each in topic.partitions]
            left = {each.partition: reading.get_watermark_offsets(each)[1] for each in places}
            reading.assign(places)
            while any(left.values()):
                for message in reading.consume(100, 0.5):
                    event = codec.event(message.value())
                    if isinstance(event, ArchiveRead) and event.grant_id == grant:
                        found.append(event)
                    partition, offset = message.partition(), message.offset()
                    assert partition is not None
                    assert offset is not None
                    if offset + 1 >= left[partition]:
                        left[partition] = 0
        return found


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Offices]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with running_hub(settings, tell=print) as hub, CatalogClient(hub.url("catalog")) as catalog:
        _publish(hub)
        with httpx2.Client(base_url=hub.url("gateway"), trust_env=False, timeout=30) as http:
            yield Offices(hub, catalog, http)


def _publish(hub: RunningHub) -> None:
    ids, protector = (
        read_schema_ids(hub.options),
        LocalProtector(KeyRing.open_or_create(hub.settings.data_dir / "keys")),
    )
    after = []
    for draft in _facts():
        with closing(Publisher(hub.options, draft["source"], protector, ids, load_resources())) as publisher:
            taken = publisher.publish(draft).result(30)
            assert isinstance(taken, Receipt), taken
            after.append(("after", f"{taken.topic}/{taken.partition}/{taken.offset}"))
    with HubClient(hub.url("gateway")) as client:
        client.archive(f"enterprise:{USCC}", [("purpose", "测试"), ("grant", "test"), *after], 30)


def _facts() -> Iterator[dict[str, Any]]:
    common = {"subject": {"kind": "enterprise", "id": USCC}, "version": 1, "valid_at": AT_US, "case_id": None}
    registered = {"name": "西安某某科技有限公司", "territory": "610100", "state": "存续"}
    yield common | {
        "type": "EnterpriseRegistered",
        "source": "market-regulation",
        "resource": REGISTRATION,
        "record_id": "reg",
        "content": registered,
    }
    yield common | {
        "type": "PenaltyImposed",
        "source": PROVIDER,
        "resource": PENALTY,
        "record_id": "pen",
        "content": {
            "decision_number": "市城罚〔2026〕1号",
            "cause": "擅自占用城市道路",
            "legal_basis": "城市道路管理条例",
            "penalty_kind": "罚款",
            "amount_fen": 500_000,
            "decided_at": AT_US,
            "domain": load_resources().by_code[PENALTY].domain,
            "territory": "610100",
            "state": "in-force",
        },
    }


def _granted(offices: Offices, demand: str) -> str:
    application = {
        "requester": "finance",
        "provider": PROVIDER,
        "scope": [{"resource": PENALTY, "fields": FIELDS}],
        "basis": ["政府采购法第二十二条"],
        "scenario": "核对供应商资格",
        "purpose": PURPOSE,
        "subjects": {"kind": "enterprise", "territory": "6101"},
        "means": ["interface"],
        "until": AT_US + 86_400_000_000,
    }
    offices.does(demand, "applied", "王五", **application)
    offices.does(demand, "decided", "张三", organisation=PROVIDER, outcome="grant")
    with pytest.raises(CatalogRefused, match="不得审核"):
        offices.does(demand, "granted", "张三", organisation=PROVIDER)
    offices.does(demand, "granted", "李四", organisation=PROVIDER)
    return str(offices.catalog.entity("demand", demand)["state"]["grant"])


def test_a_granted_read_shows_what_was_granted_and_every_other_one_is_refused_and_on_record(offices: Offices) -> None:
    grant = _granted(offices, "D-1")
    body = offices.reads_until(200, grant=grant)
    (record,) = body["records"]
    assert record["resource"] == PENALTY
    assert sorted(record["content"]) == FIELDS
    for query, code in (
        ({"purpose": "招标"}, "other-purpose"),
        ({"reader": "water:zhao"}, "other-reader"),
        ({"uscc": ELSEWHERE}, "other-subject"),
        ({"resource": REGISTRATION}, "beyond-resources"),
        ({"resource": PENALTY, "field": "amount_fen"}, "beyond-fields"),
    ):
        refused = offices.reads(**{"grant": grant, **query})
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    offices.does("D-1", "delivered", "张三", organisation=PROVIDER, means="interface", reference="/v1/enterprises")
    offices.does("D-1", "disposed", "王五", organisation="finance", method="删除", evidence=["纪要7"])
    assert offices.reads_until(403, grant=grant)["code"] == "grant-ended"
    reads = offices.recorded(grant)
    shown = [each for each in reads if each.refused_reason is None]
    assert shown
    assert {each.record_count for each in shown} == {1}
    reasons = {(each.refused_reason or "").partition(" ")[0] for each in reads} - {""}
    assert len(reasons) >= 6
    assert offices.catalog.entity("demand", "D-1")["state"]["receipt"]["grant"] == grant


def test_a_grant_that_only_serves_does_not_open_the_archive(offices: Offices) -> None:
    assert offices.reads(grant="notice:restaurant-opening").json()["code"] == "other-means"
    assert offices.reads(grant="never-issued").json()["code"] == "unknown-grant"


def test_a_case_opens_its_subjects_archive_to_its_departments_alone(offices: Offices) -> None:
    with HubClient(offices.hub.url("gateway")) as client:
        case = client.request_verification({"subject": USCC, "purpose": "上市", "requested_by": "测试"})
    offices.reads_until(200, case=case, reader="tax:qian")
    assert offices.reads(case=case, reader="cli:someone").json()["code"] == "no-participant"
    assert offices.reads(ELSEWHERE, reader="tax:qian", case=case).json()["code"] == "not-of-the-case"
    assert offices.reads(case="2026-0001", reader="tax:qian").json()["code"] == "unknown-case"
