"""免申即享 on real processes: a fact arrives, the policy that now applies is told of once, a case opens by itself.

One hub for the module. Coverage comes last, so that only a sweep over all archives finds who waits for it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from confluent_kafka import TopicPartition

from catalog.policies import load_policies
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.kafka import consumer
from connectors.keyring import KeyRing
from onething.doors import on_free_ports
from onething.endpoints import endpoint
from onething.gateway.client import HubClient
from onething.policy_following import policy_sweeper
from onething.settings import Settings
from onething.supervisor import RunningHub, running_hub
from producers.outcomes import Receipt
from producers.protection import LocalProtector
from producers.publisher import Publisher
from topics.codec import RowCodec
from topics.events import ArchiveRead, CaseNotified
from topics.identifiers import make_resident_id, make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(240)]

PUBLISHED, LATE = (make_uscc("91", "610100", serial) for serial in (901, 902))
DISABLED = make_resident_id("610103", datetime(1980, 5, 1, tzinfo=UTC).date(), 12)
SUPPORT, CARE, AWARD = "catering-start-support", "severe-disability-care", "high-technology-award"
UNCOVERED = "science.administrative-penalty"
STARTED = datetime.now(UTC)
WAIT_S = 60.0


@dataclass
class City:
    """A hub that runs, and the facts that were published to it."""

    hub: RunningHub
    settings: Settings
    client: HubClient
    keys: KeyRing
    receipts: list[Receipt] = field(default_factory=list)

    def publish(self, *drafts: dict[str, Any]) -> None:
        for draft in drafts:
            with self._publisher(draft["source"]) as publisher:
                (outcome,) = publisher.publish_many([draft])
            assert isinstance(outcome, Receipt), outcome
            self.receipts.append(outcome)

    def cover(self, *resources: str) -> None:
        for code in resources:
            with self._publisher(load_resources().by_code[code].department) as publisher:
                self.receipts.append(publisher.state_coverage(code, datetime.now(UTC)))

    def person(self) -> str:
        return f"person:{self.keys.person_token(DISABLED)}"

    def matches(self, subject: str, *policies: str) -> dict[str, Any]:
        after = [("after", f"{each.topic}/{each.partition}/{each.offset}") for each in self.receipts]
        asked = [("purpose", "测试"), ("grant", "test"), *(("policy", each) for each in policies), *after]
        return {each["policy"]: each for each in self.client.policies(subject, asked, 30)["policies"]}

    def all_of(self, topic: str) -> list[Any]:
        codec = RowCodec(read_schema_ids(self.hub.options))
        with closing(consumer(self.hub.options, "looking-on")) as reading:
            partitions = [TopicPartition(topic, each) for each in reading.list_topics(topic).topics[topic].partitions]
            ends = [reading.get_watermark_offsets(each)[1] for each in partitions]
            reading.assign([TopicPartition(each.topic, each.partition, 0) for each in partitions])
            found: list[Any] = []
            while len(found) < sum(ends):
                found += [codec.event(each.value()) for each in reading.consume(100, 0.5) if each.error() is None]
        return found

    def notices(self, subject: str) -> list[CaseNotified]:
        return [each for each in self.all_of("case.notices") if each.recipient == subject]

    def awaited(self, subject: str, count: int) -> list[CaseNotified]:
        found: list[CaseNotified] = _awaited(lambda: self.notices(subject), lambda found: len(found) >= count)
        return found

    def _publisher(self, source: str) -> Publisher:
        ids = read_schema_ids(self.hub.options)
        return Publisher(self.hub.options, source, LocalProtector(self.keys), ids, load_resources())


def _awaited(look: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + WAIT_S
    while not fits(found := look()):
        assert time.monotonic() < deadline, f"not reached: {found}"
        time.sleep(0.2)
    return found


def draft(resource: str, subject: dict[str, str], kind: str, **content: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "source": resource.partition(".")[0],
        "resource": resource,
        "subject": subject,
        "record_id": f"{resource}-{subject['id'][-6:]}" if subject["kind"] == "enterprise" else f"{resource}-p",
        "version": 1,
        "valid_at": (STARTED - timedelta(days=30)).isoformat(),
        "content": {"territory": "610103", **content},
    }


def registered(uscc: str) -> dict[str, Any]:
    subject = {"kind": "enterprise", "id": uscc}
    established = (STARTED - timedelta(days=200)).date().isoformat()
    return draft(
        "market-regulation.enterprise-registration",
        subject,
        "EnterpriseRegistered",
        name="西安某某餐饮店",
        state="存续",
        established_on=established,
    )


def licensed(resource: str, subject: dict[str, str], **content: Any) -> dict[str, Any]:
    said = {"licence_type": "t", "licence_name": "证", "licence_number": "1", "issuer_name": "局", "state": "有效"}
    return draft(resource, subject, "LicenceIssued", issued_on="2026-01-10", **said, **content)


def enterprise(uscc: str) -> dict[str, str]:
    return {"kind": "enterprise", "id": uscc}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("hub")))
    with running_hub(settings, tell=print) as hub, HubClient(endpoint(settings, "gateway")) as client:
        made = City(hub, settings, client, KeyRing.open_or_create(settings.data_dir / "keys"))
        read = {code for policy in load_policies().values() for code in policy.resources}
        made.cover(*sorted(read - {UNCOVERED}))
        yield made


def test_a_licence_that_arrives_brings_one_notice_and_its_repeat_none(city: City) -> None:
    subject = f"enterprise:{PUBLISHED}"
    city.publish(registered(PUBLISHED))
    assert city.matches(subject, SUPPORT)[SUPPORT]["outcome"] == "not-matched"
    licence = licensed("market-regulation.food-licence", enterprise(PUBLISHED))
    city.publish(licence)
    (notice,) = city.awaited(subject, 1)
    assert "新办餐饮店扶持" in notice.text
    match = city.matches(subject, SUPPORT)[SUPPORT]
    assert (match["outcome"], match["case_id"]) == ("matched", notice.case_id)
    city.publish(licence, registered(PUBLISHED))
    # What comes after the repeats is told of: so they had their turn.
    city.publish(licensed("science.high-technology-certificate", enterprise(PUBLISHED)))
    other = f"enterprise:{LATE}"
    city.publish(registered(LATE), licensed("market-regulation.food-licence", enterprise(LATE)))
    city.awaited(other, 1)
    assert len(city.notices(subject)) == 1


def test_a_policy_without_application_opens_a_case(city: City) -> None:
    person = {"kind": "person", "id": DISABLED}
    city.publish(
        draft(
            "public-security.person-registration",
            person,
            "PersonRegistered",
            name="王五",
            resident_id=DISABLED,
            state="在籍",
        ),
        licensed("disabled-persons-federation.disability-certificate", person, scope="肢体一级"),
    )
    notices = city.awaited(city.person(), 1)
    case_id = notices[0].case_id
    url = f"{endpoint(city.settings, 'gateway')}/v1/applications/{case_id}"
    case = _awaited(lambda: httpx2.get(url), lambda answer: answer.status_code == 200).json()
    assert (case["bundle"]["id"], case["subject"]) == ("disability-services", city.person())
    applying = [each["number"] for each in case["items"] if each["state"] != "not-applicable"]
    assert applying == [3]
    assert city.matches(city.person(), CARE)[CARE]["case_id"] == case_id


def test_a_sweep_finds_who_waits_for_coverage(city: City) -> None:
    subject = f"enterprise:{PUBLISHED}"
    match = city.matches(subject, AWARD)[AWARD]
    assert match["outcome"] == "cannot-tell"
    city.cover(UNCOVERED)
    _awaited(lambda: city.matches(subject, AWARD)[AWARD], lambda match: match["outcome"] == "matched")
    with closing(policy_sweeper(city.settings, city.hub.options, city.keys)) as sweeper:
        sweeper.sweep()
        found = city.awaited(subject, 2)
        # The hub sweeps too: who tells at the same time tells under the same id.
        assert len({each.event_id for each in found if "高新技术企业认定奖补" in each.text}) == 1
        assert sweeper.sweep() == 0


def test_a_trial_over_the_gateway_counts_the_city(city: City) -> None:
    *_, trial = city.client.trial({"policy": SUPPORT, "purpose": "测试", "grant": "test"})
    assert (trial["subjects"], trial["outcomes"]) == (2, {"matched": 2})
    assert trial["facts_per_s"] > 0
    assert trial["archives_per_s"] > 0


def test_every_read_is_on_record_with_its_purpose(city: City) -> None:
    reads = [each for each in city.all_of("access.reads") if isinstance(each, ArchiveRead)]
    assert {(each.reader, each.purpose) for each in reads} >= {("follower", "免申即享政策匹配")}
    assert any(each.subjects[0] == "enterprise:*" for each in reads)
    assert all(DISABLED not in subject for each in reads for subject in each.subjects)
