"""Simulated cases played: in a rehearsal, or on a hub that runs; and what became of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Final

import msgspec

from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.kafka import KafkaOptions
from onething.endpoints import endpoint, kafka_options
from onething.gateway.case_client import CaseClient
from onething.settings import Settings
from onething.simulated_cases.casting import Cast, City
from onething.simulated_cases.fact_door import FactDoor
from onething.simulated_cases.http_door import HttpDoor
from onething.simulated_cases.rehearsal import DAY_US, LATE, late_mismatches, rehearsed
from producers.protection import Protector
from producers.publisher import Publisher
from producers.sending import Sender
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.driving import CaseStage, Pace, Progress
from producers.simulation.cases.expected import expected_end
from producers.simulation.cases.reckoning import RUNNING, CaseAccount, Mismatch, reckoned
from topics.codec import SchemaIds
from topics.events import CaseNotified, CommitmentBroken

REHEARSED_DAYS: Final = 400
"""How far the clock is turned: beyond every time limit and every after-the-fact check of the catalogue."""
_PAGE: Final = "200"


class Told(msgspec.Struct, frozen=True):
    """What became of simulated cases.

    Attributes:
        account: of the cases; ``mismatches`` of it are the only ones.
        seconds: how long they took.
        published: events that people put on the log.
        heard: events that the hub told of them.
        over_http: what was said through the HTTP doors.
        door_refusals: what these did not take, by code.
        issued: licences and registrations that closed their items by themselves.
        in_inboxes: items that nobody answered and that were found in their departments' inboxes.
        late: reminders, overdue and escalated notices about items, where a rehearsal turned the clock.
        broken: promises found broken, where a rehearsal turned the clock.
    """

    account: CaseAccount
    seconds: float = 0
    published: int = 0
    heard: int = 0
    over_http: int = 0
    door_refusals: dict[str, int] = {}
    issued: int = 0
    in_inboxes: int = 0
    late: dict[str, int] = {}
    broken: int = 0


def rehearse(cast: Cast, now: int) -> Told:
    """Play the cases on the rule alone; then turn the clock until every timer has rung."""
    late: Counter[str] = Counter()
    mismatches: list[Mismatch] = []
    played: list[CaseActors] = []
    broken = heard = 0
    for nth, script in enumerate(cast.scripts):
        play = rehearsed(script, now, kept=nth % 2 == 0)
        played.append(play.actors)
        mismatches += reckoned([play.actors]).mismatches
        play.ring(now + REHEARSED_DAYS * DAY_US)
        mismatches += late_mismatches(play)
        late.update(each.kind for each in play.told(CaseNotified) if each.kind in LATE and each.number)
        broken += len(play.told(CommitmentBroken))
        heard += len(play.emits)
    account = msgspec.structs.replace(reckoned(played), mismatches=tuple(mismatches))
    return Told(account=account, heard=heard, late=dict(late), broken=broken)


def play_on_hub(settings: Settings, city: City, cast: Cast, pace: Pace, progress: Progress) -> Told:
    """Play the cases on the hub of these settings, which runs.

    Raises:
        NotRunning: no Kafka is set and no local broker runs, or no gateway answers.
        DeliveryFailed: Kafka did not take what was published.
        IssuedFactRefused: a department issued what the publishing door does not take.
        GatewayUnreachable: the gateway went away.
    """
    options = kafka_options(settings)
    ids = read_schema_ids(options)
    actors = {script.case_id: CaseActors(script) for script in cast.scripts}
    with (
        CaseClient(endpoint(settings, "gateway")) as client,
        CaseStage(options, ids) as stage,
        Sender(options) as sender,
    ):
        publisher_of = cache(partial(_publisher, options, city.protector, ids, sender))
        http, facts = HttpDoor(client, actors.values(), cast.keys), FactDoor(publisher_of, city.subjects, actors)
        driven = stage.drive(actors.values(), pace, door=lambda act: facts(act) or http(act), progress=progress)
        note_running(client, actors.values())
        missing = tuple(inbox_mismatches(client, actors.values()))
    account = reckoned(actors.values())
    return Told(
        account=msgspec.structs.replace(account, mismatches=(*account.mismatches, *missing)),
        seconds=driven.seconds,
        published=driven.published,
        heard=driven.heard,
        over_http=http.said,
        door_refusals=dict(http.refused.most_common()),
        issued=facts.issued,
        in_inboxes=sum(1 for _ in unanswered(actors.values())) - len(missing),
    )


def _publisher(
    options: KafkaOptions, protector: Protector, ids: SchemaIds, sender: Sender, department: str
) -> Publisher:
    return Publisher(options, department, protector, ids, load_resources(), sender=sender)


def note_running(client: CaseClient, actors: Iterable[CaseActors]) -> None:
    """Note of each case that nothing was heard of whether another one of its bundle runs for its subject."""
    for each in actors:
        script = each.script
        if each.status or each.stopped_for:
            continue
        query = [("subject", script.subject), ("bundle", script.bundle.id), ("kind", "handling")]
        if any(row["case_id"] != script.case_id for row in client.cases(query)["cases"]):
            each.stopped_for = (RUNNING,)


def unanswered(actors: Iterable[CaseActors]) -> Iterator[tuple[CaseActors, str, int]]:
    """Items that nobody answers: the case, the department that has it, the item's number."""
    for each in actors:
        if each.stopped_for:
            continue
        due = expected_end(each.script)
        for item in each.script.bundle.items:
            said = each.script.items.get(item.number)
            if said is not None and said.way == "never" and due.items.get(item.number) == "open":
                yield each, item.routed_to[0], item.number


def inbox_mismatches(client: CaseClient, actors: Iterable[CaseActors]) -> Iterator[Mismatch]:
    """Unanswered items that do not wait in their department's inbox."""
    wanted = tuple(unanswered(actors))
    waiting = {
        (department, row["case_id"], row["number"])
        for department in sorted({department for _, department, _ in wanted})
        for row in _inbox(client, department)
    }
    for each, department, number in wanted:
        script = each.script
        if (department, script.case_id, number) not in waiting:
            yield Mismatch(script.case_id, script.bundle.id, f"inbox of {department}", f"item {number}", "not there")


def _inbox(client: CaseClient, department: str) -> Iterator[dict[str, object]]:
    page = ""
    while True:
        told = client.assignments(
            department, [("state", "open"), ("kind", "item"), ("page_size", _PAGE), ("page", page)]
        )
        yield from told["assignments"]
        page = told["next_page"] or ""
        if not page:
            return
