"""A replica's own door: archives, positions, health and metrics."""

import asyncio
import math
import re
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from os import urandom
from time import time_ns
from typing import Any

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from catalog.archive_specification import ArchiveSpecification
from catalog.demands.check import EVERYTHING_ALLOWED, Allowed, Read, Refused
from connectors.counting import Tally
from processors.archive.answering import READS_TOPIC
from processors.archive.permission import NOT_READ_YET, ReadGuard, limited
from processors.archive.reading import ArchiveReader, shown, subject_exists
from processors.archive.view import ArchiveView
from processors.domain.closing import Closing, closing
from topics.codec import RowCodec
from topics.events import ArchiveRead
from topics.figures import ARCHIVES_READ, REFUSED, SHOWN
from topics.identifiers import check_subject

_RECEIPT = re.compile(r"(?P<topic>[A-Za-z0-9._-]+)/(?P<partition>\d+)/(?P<offset>\d+)")
_MICROSECONDS = re.compile(r"[0-9]{1,18}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_WAIT_S = 30.0
RECORD_TIMEOUT_S = 10.0


class Problem(Exception):  # noqa: N818  it becomes an application/problem+json answer
    """A request that cannot be answered."""

    def __init__(self, status: int, title: str, detail: str, remedy: str = "") -> None:
        """Status, what is wrong, and what to do about it."""
        super().__init__(title)
        self.status = status
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "remedy": remedy}


class ArchiveDoor:
    """The replica's HTTP application."""

    def __init__(
        self,
        view: ArchiveView,
        reader: Callable[[], ArchiveReader],
        codec: Callable[[], RowCodec],
        producer: Producer,
        specification: ArchiveSpecification,
        failed: Callable[[], str | None],
        guard: ReadGuard | None = None,
        tally: Tally | None = None,
    ) -> None:
        """Answer from this view; ``failed`` names what stopped working, if anything did.

        Without a ``guard`` reads state their ground and are not held against it. Reads are counted in ``tally``.
        """
        self._tally = tally
        self._guard = guard
        self._view = view
        self._reader = reader
        self._codec = codec
        self._producer = producer
        self._specification = specification
        self._failed = failed

    def application(self, *more: Route) -> Starlette:
        """The routes, and those of other doors to the same store."""
        return Starlette(
            routes=[
                Route("/v1/archives/{subject}", self.archive),
                Route("/v1/coverage", self.coverage),
                Route("/v1/positions", self.positions),
                Route("/health/live", self.live),
                Route("/health/ready", self.ready),
                Route("/metrics", self.metrics),
                *more,
            ],
            exception_handlers={Problem: _problem},
        )

    async def archive(self, request: Request) -> Response:
        """An archive, read for a purpose that is put on record."""
        query = request.query_params
        subject = request.path_params["subject"]
        if reason := check_subject(subject):
            raise Problem(400, "主体标识无效 invalid subject", reason, "enterprise:<USCC> or person:<token>")
        purpose, case, grant = stated_ground(query)
        as_of = _as_of(query.get("as_of"))
        asked = Read(
            reader=query.get("reader", "unnamed"),
            purpose=purpose,
            subject=subject,
            at=time_ns() // 1000,
            resources=tuple(query.getlist("resource")),
            fields=tuple(query.getlist("field")),
            means=query.get("means", ""),
        )
        if asked.fields and not asked.resources:
            raise Problem(400, "field", "a field is one of a resource", "name the resource too: ?resource=…&field=…")
        allowed = await self.permitted(asked, case, grant)
        await self.wait_for(query.getlist("after"), query.get("wait_s", "10"))
        self._view.make_way()
        # On the loop: a hop to another thread and back costs more turns of the interpreter than the read itself takes.
        shown_of = narrowed(allowed, asked)
        body = self._read(subject, as_of, shown_of)
        told = {"as_of": as_of, "record_count": len(body["records"]), "resources": tuple(shown_of.fields or ())}
        await self.put_on_record(read_event(asked, case, grant, **told))
        if not body["records"]:
            raise Problem(404, "查无此主体 no such subject", f"no record of {subject} is known", "")
        return _json(body)

    async def permitted(self, asked: Read, case: str | None, grant: str | None, *more: str) -> Allowed:
        """What the reader may see of this subject and ``more`` ones; else a problem, and the refusal on record."""
        if self._guard is None:
            return EVERYTHING_ALLOWED
        judged = await self._guard.judged(asked, case, grant)
        for subject in more:
            if isinstance(judged, Refused):
                break
            judged = await self._guard.judged(msgspec.structs.replace(asked, subject=subject), case, grant)
        if isinstance(judged, Allowed):
            return judged
        if judged is NOT_READ_YET:
            raise Problem(503, "授权尚未读取完毕 grants are not known yet", judged.reason_en, "ask again in a moment")
        subjects = (asked.subject, *more)
        await self.put_on_record(read_event(asked, case, grant, subjects=subjects, refused_reason=judged.text))
        raise refused_read(judged)

    async def coverage(self, request: Request) -> Response:
        """How complete the sources named by ``resource`` are: up to when (µs), null where no statement holds."""
        known = (self._view.coverage(each) for each in dict.fromkeys(request.query_params.getlist("resource")))
        return _json({"coverage": {each.resource: {"complete_until": each.complete_until} for each in known}})

    async def positions(self, _request: Request) -> Response:
        """Next offsets by topic and partition, and how far behind the log this replica is."""
        by_topic: dict[str, dict[str, int]] = {}
        for (topic, partition), offset in self._view.positions.items():
            by_topic.setdefault(topic, {})[str(partition)] = offset
        return _json({"positions": by_topic, "lag": self._view.lag(), "facts_kept": self._view.facts_kept})

    async def live(self, _request: Request) -> Response:
        """The process runs."""
        return _json({"status": "live"})

    async def ready(self, _request: Request) -> Response:
        """The view follows the log and answers."""
        fault = self._failed()
        checks = {"view": fault or "ok", "lag": self._view.lag()}
        return _json({"status": "unavailable" if fault else "ready", "checks": checks}, 503 if fault else 200)

    async def metrics(self, _request: Request) -> Response:
        """Prometheus metrics."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def _read(self, subject: str, as_of: int | None, allowed: Allowed) -> dict[str, Any]:
        granted = allowed.fields
        records = self._reader().archive(subject, as_of, None if granted is None else granted.keys())
        held = {each.current.record_type for each in records if not each.current.withdrawn}
        # What is missing from an archive is told to who may see all of it.
        missing = self._specification.missing(subject, held) if granted is None and subject_exists(records) else ()
        return {
            "subject": subject,
            "as_of": as_of,
            "closed": _closed(closing(records)),
            "records": [limited(shown(each), granted) for each in records],
            "missing": [_missing(each) for each in missing],
            "granted": _granted(granted),
        }

    async def wait_for(self, receipts: list[str], wait_s: str) -> None:
        """Wait until the view has reached the receipts; a problem when it has not in time."""
        timeout_s = _wait_seconds(wait_s)
        for receipt in receipts:
            match = _RECEIPT.fullmatch(receipt)
            if match is None:
                raise Problem(400, "回执无效 invalid receipt", "a receipt is topic/partition/offset", "")
            where = match["topic"], int(match["partition"]), int(match["offset"])
            if not await run_in_threadpool(self._view.wait_for, *where, timeout_s):
                raise Problem(
                    504,
                    "档案尚未更新到回执 the view has not reached the receipt",
                    f"{receipt} was not reached within {timeout_s:g} s",
                    "ask again later, or raise wait_s",
                )

    async def put_on_record(self, read: ArchiveRead) -> None:
        """No archive is shown before the log has the read."""
        loop = asyncio.get_running_loop()
        recorded: asyncio.Future[None] = loop.create_future()

        def delivered(fault: KafkaError | None, _message: Message) -> None:
            loop.call_soon_threadsafe(_settle, recorded, fault)

        try:
            value = self._codec().encode(read)
            self._producer.produce(READS_TOPIC, value, key=read.subjects[0].encode(), on_delivery=delivered)
            await asyncio.wait_for(recorded, RECORD_TIMEOUT_S)
        except (BufferError, KafkaException, TimeoutError):
            raise Problem(
                503, "读取未能留痕 the read could not be recorded", "the log did not take it in time", "ask again later"
            ) from None
        if self._tally is not None:
            label = SHOWN if read.refused_reason is None else REFUSED
            self._tally.count(ARCHIVES_READ, len(read.subjects), label=label)


def stated_ground(query: Mapping[str, str]) -> tuple[str, str | None, str | None]:
    """The purpose, case and grant of a read; a problem when it states no ground."""
    purpose, case, grant = query.get("purpose"), query.get("case"), query.get("grant")
    if not purpose or not (case or grant):
        raise Problem(
            400, "缺少用途 a read names its purpose", "purpose and case or grant are required", "?purpose=…&case=…"
        )
    return purpose, case, grant


def read_event(asked: Read, case: str | None, grant: str | None, **more: Any) -> ArchiveRead:
    """The record of a read that was asked for, shown or refused."""
    told = {"subjects": (asked.subject,), "resources": asked.resources, "record_count": 0, **more}
    return ArchiveRead(
        event_id=blake2b(urandom(16), digest_size=16).digest(),
        reader=asked.reader,
        purpose=asked.purpose,
        case_id=case,
        grant_id=grant,
        at=asked.at,
        **told,
    )


def narrowed(allowed: Allowed, asked: Read) -> Allowed:
    """Of what is allowed the resources and fields that are asked for, where some are."""
    if not asked.resources and not asked.fields:
        return allowed
    wanted = frozenset(asked.fields) or None
    if allowed.fields is None:
        return Allowed(dict.fromkeys(asked.resources, wanted)) if asked.resources else allowed
    chosen = {each: allowed.fields[each] for each in asked.resources or allowed.fields}
    if wanted is None:
        return Allowed(chosen)
    return Allowed({each: wanted if fields is None else fields & wanted for each, fields in chosen.items()})


def refused_read(refused: Refused) -> Problem:
    """403: the read lies beyond its grant or case."""
    problem = Problem(
        403,
        "读取被拒绝 the read is refused",
        refused.text,
        "see what is granted: onething grant show; apply for more: onething demand apply",
    )
    problem.body["code"] = refused.code
    return problem


def _granted(fields: Mapping[str, AbstractSet[str] | None] | None) -> dict[str, list[str] | None] | None:
    """Resources with the fields that are shown of each, null: all; null for everything."""
    return None if fields is None else {each: None if some is None else sorted(some) for each, some in fields.items()}


def _settle(recorded: "asyncio.Future[None]", fault: KafkaError | None) -> None:
    if recorded.done():
        return
    if fault is None:
        recorded.set_result(None)
    else:
        recorded.set_exception(KafkaException(fault))


def _closed(found: Closing | None) -> dict[str, Any] | None:
    return None if found is None else {**msgspec.structs.asdict(found), "event_id": found.event_id.hex()}


def _missing(expected: Any) -> dict[str, Any]:
    return {name: getattr(expected, name) for name in expected.__dataclass_fields__}


def _as_of(text: str | None) -> int | None:
    if not text:
        return None
    if _MICROSECONDS.fullmatch(text):
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Problem(400, "as_of", "as_of is an ISO 8601 time with its offset, or microseconds") from None
    if moment.tzinfo is None:
        raise Problem(400, "as_of", "as_of needs its time zone, e.g. +08:00")
    # Whole numbers: a float would lose the microsecond in which something became known.
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _wait_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        raise Problem(400, "wait_s", "wait_s is a number of seconds")
    return min(seconds, MAX_WAIT_S)


def _json(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status_code=status, media_type="application/json")


async def _problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101  registered for this class only
    return Response(
        msgspec.json.encode(problem.body), status_code=problem.status, media_type="application/problem+json"
    )
