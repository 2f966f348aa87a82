"""The catalogue from its first row to its last on one real hub, as the data bureau and two departments meet it.

An entry is imported, submitted, reviewed, published; its data is applied for, granted, read, refused beyond the grant,
disputed, corrected, recalled, disposed of; its duties are on the board; lists are published, the catalogue is searched
and exported.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2
import pytest
from confluent_kafka import TopicPartition
from open_data_contract_standard.model import OpenDataContractStandard

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
from topics.events import ArchiveRead, CatalogChanged
from topics.identifiers import make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

Found = TypeVar("Found")

USCC = make_uscc("91", "610100", 11)
SOURCE = "market-regulation"
ENTRY = f"{SOURCE}.administrative-penalty"
PURPOSE = "政府采购资格审查"
READER = "finance:wang"
DEMAND = "D-2026-1"
PERIOD = "2026-Q4"
WAIT_S = 30.0
DAY_US = 86_400_000_000
AT_US = time.time_ns() // 1000
COLUMNS = (
    "资源标识,信息资源分类,信息资源名称,提供方,资源摘要,资源格式,信息项名称,字段名,数据类型,信息项类别,"
    "共享类型,共享条件,使用范围,共享方式,更新周期,分类分级"
)
SHEET = f"""{COLUMNS}
{ENTRY},301001,市场监管领域行政处罚信息,市市场监管局,依法作出的行政处罚决定,数据库,决定书文号,decision_number,字符型,一般,\
有条件共享,仅用于资格审查,资格审查,消息,每日,一般
,,,,,,违法事实摘要,cause,字符型,一般,,,,,,
,,,,,,罚没金额,amount_fen,数值型,商业秘密,,,,,,
"""


@dataclass
class Bureau:
    """The hub, what asks it, and what a test keeps from one step to the next."""

    hub: RunningHub
    catalog: CatalogClient
    http: httpx2.Client
    folder: Path
    grant: str = ""

    def does(self, action: str, person: str, **payload: Any) -> dict[str, Any]:
        return self.catalog.do("demand", DEMAND, action, {"actor": person, "payload": payload})

    def lives(self, action: str, person: str, organisation: str) -> dict[str, Any]:
        body = {"actor": person, "payload": {"organisation": organisation}}
        return self.catalog.do("resource", ENTRY, action, body)

    def reads(self, **query: str) -> httpx2.Response:
        asked = {"purpose": PURPOSE, "grant": self.grant} | query
        return self.http.get(
            f"/v1/enterprises/{USCC}/archive", params=asked, headers={"X-Reader": quote(READER, safe=":")}
        )

    def record(self) -> dict[str, Any] | None:
        answer = self.reads()
        records = answer.json()["records"] if answer.status_code == 200 else ()
        return next((dict(each) for each in records if each["record_id"] == "pen"), None)

    def publishes(self, version: int, number: str) -> None:
        ids = read_schema_ids(self.hub.options)
        protector = LocalProtector(KeyRing.open_or_create(self.hub.settings.data_dir / "keys"))
        with closing(Publisher(self.hub.options, SOURCE, protector, ids, load_resources())) as publisher:
            taken = publisher.publish(penalty(version, number)).result(30)
        assert isinstance(taken, Receipt), taken
        after = [("after", f"{taken.topic}/{taken.partition}/{taken.offset}")]
        with HubClient(self.hub.url("gateway")) as client:
            client.archive(f"enterprise:{USCC}", [("purpose", "测试"), ("grant", "test"), *after], 30)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "ONETHING_DATA_DIR": str(self.hub.settings.data_dir), "COLUMNS": "200"}
        command = [sys.executable, "-m", "onething", *words]
        done = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done

    def logged(self, topic: str) -> list[Any]:
        """Every event that the topic holds now."""
        codec, found, ends = RowCodec(read_schema_ids(self.hub.options)), list[Any](), dict[int | None, int]()
        with closing(consumer(self.hub.options, f"looking-on-{time.time_ns()}")) as reading:
            places = [TopicPartition(topic, each, 0) for each in reading.list_topics(topic).topics[topic].partitions]
            ends |= {place.partition: reading.get_watermark_offsets(place)[1] for place in places}
            reading.assign([place for place in places if ends[place.partition]])
            while any(ends.values()):
                for message in reading.consume(500, 0.5):
                    if (message.offset() or 0) + 1 >= ends[message.partition()]:
                        ends[message.partition()] = 0
                    found.append(codec.event(message.value()))
        return found


def penalty(version: int, number: str) -> dict[str, Any]:
    return {
        "type": "PenaltyImposed",
        "source": SOURCE,
        "resource": ENTRY,
        "subject": {"kind": "enterprise", "id": USCC},
        "record_id": "pen",
        "version": version,
        "valid_at": AT_US,
        "case_id": None,
        "content": {
            "decision_number": number,
            "cause": "无照经营",
            "legal_basis": "无证无照经营查处办法",
            "penalty_kind": "罚款",
            "amount_fen": 500_000,
            "decided_at": AT_US,
            "domain": load_resources().by_code[ENTRY].domain,
            "territory": "610100",
            "state": "in-force",
        },
    }


def awaited(look: Callable[[], Found | None], what: str) -> Found:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        if found := look():
            return found
    raise AssertionError(f"not within {WAIT_S:.0f} s: {what}")


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with (
        running_hub(settings, tell=print) as hub,
        CatalogClient(hub.url("gateway")) as catalog,
        httpx2.Client(base_url=hub.url("gateway"), trust_env=False, timeout=60) as http,
    ):
        made = Bureau(hub, catalog, http, tmp_path_factory.mktemp("sheets"))
        made.publishes(1, "市市监罚〔2026〕1号")
        yield made


def test_an_entry_is_imported_once_and_published_by_two_persons(bureau: Bureau) -> None:
    (bureau.folder / "目录.csv").write_text(SHEET, encoding="utf-8")
    assert "imported: 1" in bureau.run("catalog", "import", "目录.csv", "--actor", "张三").stderr
    assert "imported: 0" in bureau.run("catalog", "import", "目录.csv", "--actor", "张三").stderr
    bureau.lives("submitted", "张三", SOURCE)
    with pytest.raises(CatalogRefused, match="不能审核或发布"):
        bureau.lives("reviewed", "张三", "data-bureau")
    bureau.lives("reviewed", "李四", "data-bureau")
    bureau.lives("published", "李四", "data-bureau")
    assert bureau.catalog.entity("resource", ENTRY)["state"]["version"] == 2
    found = awaited(lambda: _told(bureau, ENTRY), "the publication is on the log")
    assert [each.action for each in found] == ["published", "changed", "submitted", "reviewed", "updated"]


def _told(bureau: Bureau, entity_id: str) -> list[CatalogChanged] | None:
    once = {each.event_id: each for each in bureau.logged("catalog.changes") if each.entity_id == entity_id}
    found = sorted(once.values(), key=lambda each: each.version)
    return found if found and found[-1].action == "updated" else None


def test_a_demand_is_completed_once_and_granted_by_two_persons(bureau: Bureau) -> None:
    application = {
        "requester": "finance",
        "provider": SOURCE,
        "scope": [{"resource": ENTRY, "fields": ["decision_number", "cause"]}],
        "scenario": "核对供应商资格",
        "purpose": PURPOSE,
        "subjects": {"kind": "enterprise"},
        "means": ["interface"],
        "until": AT_US + 100 * DAY_US,
    }
    bureau.does("applied", "王五", **application)
    asked = bureau.catalog.entity("demand", DEMAND)["state"]
    assert (asked["state"], asked["missing"]) == ("completing", ["basis"])
    bureau.does("completed", "王五", **application, basis=["政府采购法第二十二条"])
    bureau.does("accepted", "赵六", organisation=SOURCE)
    bureau.does("decided", "赵六", organisation=SOURCE, outcome="grant")
    with pytest.raises(CatalogRefused, match="不得审核"):
        bureau.does("granted", "赵六", organisation=SOURCE)
    bureau.does("granted", "钱七", organisation=SOURCE)
    bureau.grant = str(bureau.catalog.entity("demand", DEMAND)["state"]["grant"])


def test_the_grant_shows_its_fields_and_nothing_else_and_both_are_on_record(bureau: Bureau) -> None:
    record = awaited(bureau.record, "the archive knows the grant")
    assert (record["resource"], sorted(record["content"])) == (ENTRY, ["cause", "decision_number"])
    beyond = bureau.reads(resource=ENTRY, field="amount_fen")
    assert (beyond.status_code, beyond.json()["code"]) == (403, "beyond-fields")
    reads = [each for each in bureau.logged("access.reads") if each.grant_id == bureau.grant]
    assert all(isinstance(each, ArchiveRead) for each in reads)
    assert [each for each in reads if each.refused_reason is None and each.record_count == 1]
    assert [each for each in reads if each.refused_reason and "超出授权的信息项" in each.refused_reason]


def test_a_disputed_value_is_marked_corrected_and_recalled_from_who_read_it(bureau: Bureau) -> None:
    body = {
        "subject": f"enterprise:{USCC}",
        "resource": ENTRY,
        "record_id": "pen",
        "field": "decision_number",
        "reason": "文号与决定书不符",
        "evidence": ["决定书原件"],
        "disputed_by": "finance",
        "by": "wang",
        "purpose": PURPOSE,
        "grant": bureau.grant,
    }
    correction = str(bureau.catalog.post("/v1/corrections", body, "dispute-1")["id"])
    assert awaited(lambda: _marked(bureau, marked=True), "the mark is in the archive")
    bureau.publishes(2, "市市监罚〔2026〕10号")
    ended = {"organisation": SOURCE, "actor": "孙八", "reason": "已更正文号"}
    bureau.catalog.post(f"/v1/corrections/{correction}/corrected", ended)
    record = awaited(lambda: _marked(bureau, marked=False), "the mark is gone")
    assert record["content"]["decision_number"] == "市市监罚〔2026〕10号"
    recalled = json.dumps(bureau.catalog.get(f"/v1/corrections/{correction}/recall"), ensure_ascii=False)
    assert READER in recalled
    assert bureau.grant in recalled


def _marked(bureau: Bureau, *, marked: bool) -> dict[str, Any] | None:
    record = bureau.record()
    return record if record and record["disputed"] is marked else None


def test_what_was_shared_is_delivered_used_and_disposed_of_with_a_receipt(bureau: Bureau) -> None:
    bureau.does("delivered", "赵六", organisation=SOURCE, means="interface", reference="/v1/enterprises")
    used = {"scenario": "采购", "process": "比对", "effect": "排除3家", "storage": "资格审查系统"}
    bureau.does("used", "王五", organisation="finance", **used)
    bureau.does("disposed", "王五", organisation="finance", method="删除", evidence=["纪要7"])
    receipt = bureau.catalog.entity("demand", DEMAND)["state"]["receipt"]
    assert (receipt["grant"], receipt["evidence"]) == (bureau.grant, ["纪要7"])
    awaited(lambda: bureau.reads().status_code == 403, "the grant has ended")


def test_every_duty_was_fulfilled_in_time(bureau: Bureau) -> None:
    duties = json.loads(bureau.run("duty", "list", "-o", "json").stdout)
    kinds = {str(each["id"]).partition(":")[0] for each in duties}
    assert {"catalogue-review", "reply-conditional", "delivery", "correction"} <= kinds
    states = {each["entity_id"]: each["state"]["state"] for each in bureau.catalog.every("duty")}
    assert set(states.values()) == {"fulfilled"}, states
    assert "不符 0 处" in bureau.run("duty", "replay").stdout + bureau.run("duty", "replay").stderr


def test_a_list_is_drawn_up_signed_off_and_published(bureau: Bureau) -> None:
    bureau.run("catalog", "lists", "draw-up", "demand", PERIOD, "--actor", "张三")
    bureau.run("catalog", "lists", "sign-off", "demand", PERIOD, "--actor", "李四")
    assert (
        "已发布 published: 1 条"
        in bureau.run("catalog", "lists", "publish", "demand", PERIOD, "--actor", "李四").stdout
    )
    (row,) = json.loads(bureau.run("catalog", "lists", "show", "demand", PERIOD, "-o", "json").stdout)
    assert DEMAND in json.dumps(row)


def test_the_catalogue_is_searched_and_exported(bureau: Bureau) -> None:
    assert "营业执照" in bureau.run("catalog", "search", "执照").stdout
    bureau.run("catalog", "export", "--format", "odcs", "--to", "contracts")
    (file,) = (bureau.folder / "contracts").glob(f"{ENTRY}.odcs.*")
    contract = OpenDataContractStandard.from_file(str(file))
    assert contract.id == ENTRY
    (table,) = contract.schema_ or []
    assert [each.name for each in table.properties or ()] == ["decision_number", "cause", "amount_fen"]
