"""Clients of the bundle engine: verifications over HTTP, requests straight on the log, checks straight to archives."""

import asyncio
import random
import time
from collections.abc import Iterable
from secrets import token_hex
from statistics import median
from typing import Any

import aiohttp
from confluent_kafka import Consumer, TopicPartition

from benchmarks.drafts import uscc
from benchmarks.listing import BUNDLE
from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions, consumer, producer
from processors.domain.requests import look_back_since
from topics.codec import RowCodec, schema_id_of
from topics.events import CaseRequested, ChecksRequested, Part

DEADLINE_US = 600 * 1_000_000
PATIENCE_S = 120.0
STAGES = ("case.requests", "case.checks", "case.answers.hub", "reports")


def verify_over_http(url: str, enterprises: int, at_once: int, seconds: float) -> dict[str, Any]:
    """Ask for verifications, ``at_once`` at any time, each answered with its report.

    Returns:
        ``ms``: from the request to its report, each; ``per_s``: reports a second.
    """
    return asyncio.run(_verify_over_http(url, enterprises, at_once, seconds))


async def _verify_over_http(url: str, enterprises: int, at_once: int, seconds: float) -> dict[str, Any]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        for number in range(10):
            await _verified(client, url, number)
        started = time.perf_counter()
        turns = [_keep_asking(client, url, enterprises, started + seconds, seed) for seed in range(at_once)]
        taken = [each for turn in await asyncio.gather(*turns) for each in turn]
        return {"ms": taken, "per_s": len(taken) / (time.perf_counter() - started)}


async def _keep_asking(client: aiohttp.ClientSession, url: str, enterprises: int, end: float, seed: int) -> list[float]:
    choose = random.Random(seed)
    taken = []
    while time.perf_counter() < end:
        begun = time.perf_counter()
        await _verified(client, url, choose.randrange(enterprises))
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


async def _verified(client: aiohttp.ClientSession, url: str, number: int) -> None:
    asked = {"subject": uscc(number), "purpose": "benchmark", "requested_by": "bench"}
    async with client.post(f"{url}/v1/verifications", json=asked, headers={"Prefer": "wait=50"}) as answer:
        body = await answer.read()
        assert answer.status == 201, body


def bundles_on_the_log(bootstrap_servers: str, enterprises: int, bundles: int) -> float:
    """Complete bundles a second: requests put on ``case.requests`` at once, until the last report is on ``reports``."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    return _through(options, "case.requests", "reports", "ReportIssued", list(_requests(enterprises, bundles)))


def checks_on_the_log(bootstrap_servers: str, enterprises: int, requests: int) -> float:
    """Check requests a second, of all 17 checks each, that the archives alone answer."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    asked = [_checks(each) for each in _requests(enterprises, requests)]
    return _through(options, "case.checks", "case.answers.hub", "ChecksAnswered", asked)


def message_ms(bootstrap_servers: str, messages: int) -> list[float]:
    """How long one bare message takes from ``produce`` to a consumer that waits for it, one at a time."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    reader = _at_end(options, "case.updates")
    out = producer(options, linger_ms=0, socket_nagle_disable=True)
    taken = []
    for _ in range(messages):
        started = time.perf_counter()
        out.produce("case.updates", b"not an event", b"bench")
        out.poll(0)
        assert reader.poll(PATIENCE_S) is not None
        taken.append((time.perf_counter() - started) * 1000)
    out.flush()
    reader.close()
    return taken


def stage_ms(bootstrap_servers: str) -> dict[str, float]:
    """Median ms between the appends of a case's messages: from the request to its checks, answers and report."""
    options = KafkaOptions(bootstrap_servers=bootstrap_servers)
    appended = [_appended(options, topic) for topic in STAGES]
    pairs = zip(STAGES, STAGES[1:], appended, appended[1:], strict=False)
    return {
        f"{first} → {then}": median(after[case] - before[case] for case in before.keys() & after.keys())
        for first, then, before, after in pairs
    }


def _appended(options: KafkaOptions, topic: str) -> dict[bytes, int]:
    """When the log took the first message of each case, ms."""
    reader = consumer(options, "bench-stages")
    where = [TopicPartition(topic, each, 0) for each in reader.list_topics(topic).topics[topic].partitions]
    left = sum(high - low for low, high in map(reader.get_watermark_offsets, where))
    reader.assign(where)
    first: dict[bytes, int] = {}
    while left:
        for message in reader.consume(1_000, 0.1):
            left -= 1
            first.setdefault(message.key() or b"", message.timestamp()[1])
    reader.close()
    return first


def _requests(enterprises: int, bundles: int) -> Iterable[CaseRequested]:
    run = token_hex(4)
    for number in range(bundles):
        now = time.time_ns() // 1000
        case_id = f"bench-{run}-{number}"
        yield CaseRequested(
            event_id=bytes.fromhex(run) + number.to_bytes(12, "big"),
            case_id=case_id,
            bundle=BUNDLE,
            bundle_version=load_bundles()[BUNDLE].version,
            subjects=(f"enterprise:{uscc(number % enterprises)}",),
            purpose="benchmark",
            requested_by="bench",
            look_back_years=3,
            territory="",
            requested_at=now,
            deadline_at=now + DEADLINE_US,
            include_related=False,
        )


def _checks(request: CaseRequested) -> ChecksRequested:
    bundle = load_bundles()[request.bundle]
    pairs = [(item.id or "", answerer.department) for item in bundle.checks for answerer in item.answerers]
    return ChecksRequested(
        event_id=request.event_id,
        case_id=f"alone-{request.case_id}",
        bundle=request.bundle,
        bundle_version=request.bundle_version,
        answerer="hub",
        parts=tuple(Part(check_id=each[0], department=each[1], subject=request.subjects[0]) for each in pairs),
        since=look_back_since(request.requested_at, request.look_back_years),
        until=request.requested_at,
        territory="",
        purpose=request.purpose,
        include_related=False,
        requested_at=request.requested_at,
        deadline_at=request.deadline_at,
    )


def _through(options: KafkaOptions, topic: str, outcome_topic: str, outcome: str, asked: list[Any]) -> float:
    """Outcomes a second, from the first message in to the last outcome out."""
    ids = read_schema_ids(options)
    codec, wanted = RowCodec(ids), ids.newest(outcome).schema_id
    messages = [(each.case_id.encode(), codec.encode(each)) for each in asked]
    reader = _at_end(options, outcome_topic)
    out = producer(options, queue_buffering_max_messages=1_000_000)
    started = time.perf_counter()
    for key, value in messages:
        out.produce(topic, value, key)
    out.flush()
    _await_outcomes(reader, wanted, {key for key, _ in messages})
    rate = len(messages) / (time.perf_counter() - started)
    reader.close()
    return rate


def _await_outcomes(reader: Consumer, wanted: int, open_cases: set[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while open_cases:
        assert time.monotonic() < end, f"{len(open_cases)} without an outcome after {PATIENCE_S:.0f} s"
        for message in reader.consume(500, 0.05):
            if schema_id_of(message.value()) == wanted:
                open_cases.discard(message.key())


def _at_end(options: KafkaOptions, topic: str) -> Consumer:
    reader = consumer(options, "bench-outcomes", fetch_wait_max_ms=5, fetch_queue_backoff_ms=2)
    partitions = reader.list_topics(topic).topics[topic].partitions
    ends = [TopicPartition(topic, each) for each in partitions]
    for each in ends:
        each.offset = reader.get_watermark_offsets(each)[1]
    reader.assign(ends)
    return reader
