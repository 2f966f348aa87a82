"""A replica's door for policies: matched with one subject, and tried on every archive that the replica keeps."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from hashlib import blake2b
from os import urandom
from typing import Any, Final, TypeVar

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from catalog.definitions import DefinitionFaultsError
from catalog.demands.check import Read
from catalog.policies import Policy, policy_of_text
from processors.archive.coverage import Coverage
from processors.archive.http import ArchiveDoor, Problem, stated_ground
from processors.archive.reading import ArchiveReader
from processors.archive.store import ArchiveStore
from processors.domain.policy import Match
from processors.policies.matching import due_policies, matches, told
from processors.policies.trial import PolicyTrial, Trial
from topics.codec import SchemaIds
from topics.events import ArchiveRead
from topics.identifiers import check_subject

PROGRESS_S: Final = 0.25
PATIENCE_S: Final = 20.0
"""How long a trial waits for the one before it."""
LARGEST_BODY: Final = 1 << 20
MEANS: Final = "matching"
"""How data is shared here: conditions are held against it, and only the outcome is shown."""
EVERYBODY: Final = "*"
"""Stands for every subject of a kind in the record of a trial's reads."""

log = structlog.get_logger(__name__)


class TrialBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be tried: a policy of the catalogue by its id, or a definition's TOML under its file's name.

    With ``matches`` every match is given, in lines between those that tell the progress.
    """

    purpose: str
    policy: str = ""
    definition: str = ""
    name: str = ""
    reader: str = "unnamed"
    case: str = ""
    grant: str = ""
    prefilter: bool = True
    matches: bool = False


class MatchesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Subjects, each with the ids of the policies that may apply to it, once the receipts have been reached."""

    purpose: str
    subjects: dict[str, tuple[str, ...]]
    after: tuple[str, ...] = ()
    wait_s: float = 10.0
    reader: str = "unnamed"
    case: str = ""
    grant: str = ""


Body = TypeVar("Body", TrialBody, MatchesBody)


class PolicyDoor:
    """Routes for policies over one replica's store."""

    def __init__(
        self,
        door: ArchiveDoor,
        store: ArchiveStore,
        reader: Callable[[], ArchiveReader],
        ids: Callable[[], SchemaIds],
        coverage_of: Callable[[str], Coverage],
        policies: Mapping[str, Policy],
        beside_readers: Callable[[], bool],
        clock: Callable[[], int] = lambda: time.time_ns() // 1000,
    ) -> None:
        """Read this store; ``door`` waits for receipts and puts reads on record; ``clock`` tells µs UTC.

        While ``beside_readers`` a trial takes rests.
        """
        self._beside_readers = beside_readers
        self._clock = clock
        self._door = door
        self._store = store
        self._reader = reader
        self._ids = ids
        self._coverage_of = coverage_of
        self._policies = policies
        self._trying = threading.Lock()

    def routes(self) -> tuple[Route, ...]:
        """The routes."""
        return (
            Route("/v1/subjects/{subject}/policies", self.matched),
            Route("/v1/policies/matches", self.all_matched, methods=["POST"]),
            Route("/v1/policies/trials", self.tried, methods=["POST"]),
        )

    async def matched(self, request: Request) -> Response:
        """What becomes of each policy for a subject, with the reasons; the read is put on record."""
        query, subject = request.query_params, request.path_params["subject"]
        if reason := check_subject(subject):
            raise Problem(400, "主体标识无效 invalid subject", reason, "enterprise:<USCC> or person:<token>")
        purpose, case, grant = stated_ground(query)
        now = self._clock()
        policies = self._asked(subject, query.getlist("policy"), now)
        resources = _resources(policies)
        asked = Read(query.get("reader", "unnamed"), purpose, subject, now, resources, means=MEANS)
        await self._door.permitted(asked, case, grant)
        await self._door.wait_for(query.getlist("after"), query.get("wait_s", "10"))
        found = matches(self._reader(), self._coverage_of, subject, policies, now)
        evidence = {each for match in found for each in match.evidence}
        read = ArchiveRead(
            event_id=_new_id(),
            reader=query.get("reader", "unnamed"),
            purpose=purpose,
            case_id=case,
            grant_id=grant,
            subjects=(subject,),
            resources=resources,
            record_count=len(evidence),
            at=now,
        )
        await self._door.put_on_record(read)
        body = [told(match, policy) for match, policy in zip(found, policies, strict=True)]
        return _json({"subject": subject, "at": now, "policies": body})

    async def all_matched(self, request: Request) -> Response:
        """The matches of many subjects, those only that matched; all that was read is put on record."""
        body = await _body_of(request, MatchesBody)
        for subject, ids in body.subjects.items():
            if reason := check_subject(subject):
                raise Problem(400, "主体标识无效 invalid subject", reason, "enterprise:<USCC> or person:<token>")
            self._asked(subject, list(ids), 0)
        await self._permitted(body)
        await self._door.wait_for(list(body.after), str(body.wait_s))
        now = self._clock()
        found = await run_in_threadpool(self._matches, body, now)
        if body.subjects:
            await self._door.put_on_record(self._read_of_many(body, found, now))
        return _json({"matches": found})

    async def _permitted(self, body: MatchesBody) -> None:
        if not body.subjects:
            return
        first, *more = body.subjects
        resources = _resources(self._policies[each] for ids in body.subjects.values() for each in ids)
        asked = Read(body.reader, body.purpose, first, self._clock(), resources, means=MEANS)
        await self._door.permitted(asked, body.case or None, body.grant or None, *more)

    def _matches(self, body: MatchesBody, now: int) -> list[Match]:
        reader = self._reader()
        return [
            match
            for subject, ids in body.subjects.items()
            for match in matches(reader, self._coverage_of, subject, (self._policies[each] for each in ids), now)
            if match.outcome == "matched"
        ]

    def _read_of_many(self, body: MatchesBody, found: Iterable[Match], now: int) -> ArchiveRead:
        policies = (self._policies[each] for ids in body.subjects.values() for each in ids)
        return ArchiveRead(
            event_id=_new_id(),
            reader=body.reader,
            purpose=body.purpose,
            case_id=body.case or None,
            grant_id=body.grant or None,
            subjects=tuple(body.subjects),
            resources=_resources(policies),
            record_count=sum(len(match.evidence) for match in found),
            at=now,
        )

    async def tried(self, request: Request) -> Response:
        """Try a policy on every archive: a line of JSON now and then while it runs, the result in the last one."""
        body = await _body_of(request, TrialBody)
        policy = self._tried_policy(body)
        everybody = f"{policy.audience}:{EVERYBODY}"
        asked = Read(body.reader, body.purpose, everybody, self._clock(), _resources([policy]), means=MEANS)
        await self._door.permitted(asked, body.case or None, body.grant or None)
        if not await run_in_threadpool(self._trying.acquire, timeout=PATIENCE_S):
            raise Problem(
                409, "另一项试算正在进行 another trial runs", "a replica tries one policy at a time", "ask again later"
            )
        trial = PolicyTrial(
            policy,
            self._store,
            self._ids(),
            self._coverage_of,
            self._clock(),
            prefilter=body.prefilter,
            beside_readers=self._beside_readers,
        )
        run = _Run(trial, self._trying.release, with_matches=body.matches)
        return StreamingResponse(self._lines(run, body), media_type="application/x-ndjson")

    def _asked(self, subject: str, ids: list[str], now: int) -> list[Policy]:
        unknown = [each for each in ids if each not in self._policies]
        if unknown:
            raise Problem(404, "没有这项政策 no such policy", ", ".join(unknown), "see: onething policy list")
        if not ids:
            return due_policies(subject, self._policies, now)
        asked = [self._policies[each] for each in dict.fromkeys(ids)]
        audience = subject.partition(":")[0]
        others = [each.id for each in asked if each.audience != audience]
        if others:
            raise Problem(
                422, "政策不适用于此类主体 not for such subjects", f"{', '.join(others)}: not for {audience}", ""
            )
        return asked

    def _tried_policy(self, body: TrialBody) -> Policy:
        if not body.definition:
            found = self._policies.get(body.policy)
            if found is None:
                raise Problem(
                    404, "没有这项政策 no such policy", body.policy or "none named", "see: onething policy list"
                )
            return found
        try:
            return policy_of_text(body.name, body.definition)
        except DefinitionFaultsError as refused:
            faults = "; ".join(str(each) for each in refused.faults)
            raise Problem(422, "政策定义有误 faulty definition", faults, "correct every fault named") from None

    async def _lines(self, run: "_Run", body: TrialBody) -> AsyncIterator[bytes]:
        try:
            async for trial, found in run.progress():
                if trial.is_complete:
                    await self._door.put_on_record(_read_of(trial, body))
                if found:
                    yield msgspec.json.encode({"matches": found}) + b"\n"
                yield trial_line(trial)
        except Problem as problem:
            yield msgspec.json.encode({"problem": problem.body}) + b"\n"
        finally:
            run.stop()


_News = tuple[Trial, tuple[Match, ...]]


class _Run:
    """A trial in a thread of its own, heard of on the event loop."""

    def __init__(self, trial: PolicyTrial, ended: Callable[[], None], *, with_matches: bool) -> None:
        self._trial = trial
        self._with_matches = with_matches
        self._ended = ended
        self._stopping = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Queue[_News | BaseException] = asyncio.Queue()
        threading.Thread(target=self._run, name="policy-trial", daemon=True).start()

    async def progress(self) -> AsyncIterator[_News]:
        """The trial now and then with the matches since, the complete one last."""
        while True:
            news = await self._news.get()
            if isinstance(news, BaseException):
                raise Problem(500, "试算中断 the trial broke off", f"{type(news).__name__}: {news}", "see the log")
            yield news
            if news[0].is_complete:
                return

    def stop(self) -> None:
        """Nobody listens any more."""
        self._stopping.set()

    def _run(self) -> None:
        try:
            told_at = time.monotonic()
            found = list[Match]()
            for trial in self._trial.run(found.append if self._with_matches else None):
                if self._stopping.is_set():
                    return
                if trial.is_complete or time.monotonic() - told_at >= PROGRESS_S:
                    told_at = time.monotonic()
                    self._tell((msgspec.structs.replace(trial), tuple(found)))
                    found.clear()
        except BaseException as fault:
            log.exception("a policy's trial broke off")
            self._tell(fault)
        finally:
            self._ended()

    def _tell(self, news: _News | BaseException) -> None:
        self._loop.call_soon_threadsafe(self._news.put_nowait, news)


def trial_line(trial: Trial) -> bytes:
    """A trial as a line of JSON, with its rates."""
    shown: dict[str, Any] = msgspec.to_builtins(trial)
    rates = {"facts_per_s": trial.facts_per_s, "archives_per_s": trial.archives_per_s}
    return msgspec.json.encode({"trial": shown | rates}) + b"\n"


def _read_of(trial: Trial, body: TrialBody) -> ArchiveRead:
    samples = {subject for subjects in trial.samples.values() for subject in subjects}
    return ArchiveRead(
        event_id=_new_id(),
        reader=body.reader,
        purpose=body.purpose,
        case_id=body.case or None,
        grant_id=body.grant or None,
        subjects=(f"{trial.audience}:{EVERYBODY}", *sorted(samples)),
        resources=tuple(trial.coverage),
        record_count=trial.candidates,
        at=trial.now,
    )


async def _body_of(request: Request, shape: type[Body]) -> Body:
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise Problem(413, "请求过大 too large", f"at most {LARGEST_BODY} bytes", "")
    try:
        body = msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError as fault:
        raise Problem(400, "请求无效 invalid request", str(fault), "see the door's description") from None
    stated_ground({"purpose": body.purpose, "case": body.case, "grant": body.grant})
    return body


def _resources(policies: Iterable[Policy]) -> tuple[str, ...]:
    return tuple(sorted({code for policy in policies for code in policy.resources}))


def _new_id() -> bytes:
    return blake2b(urandom(16), digest_size=16).digest()


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
