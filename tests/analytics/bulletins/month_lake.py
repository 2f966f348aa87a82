"""A lake with everything that a bulletin tells: cases, register, ledger, duties, complaints; all of it made up."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from analytics.bottlenecks.known import known_catalogue
from analytics.bottlenecks.rule import load_bottleneck_rule
from analytics.bottlenecks.window import month_window
from analytics.bulletins.content import Bulletin
from analytics.bulletins.drawing import BulletinAsked, draw_up
from analytics.bulletins.gathering import RatesTold
from analytics.bulletins.words import load_bulletin_words
from catalog.duties.duty import Duty
from catalog.ledger.declarations import load_declared
from catalog.ledger.rule import declared_entry
from catalog.organisations import load_organisations
from catalog.register.canonical import plain
from catalog.resources import load_resources
from tests.analytics.case_rows import case_rows, instant
from tests.analytics.lake_tables import lake
from tests.analytics.played_cases import BEGIN_US, HOUR_US, PlayedCase, played_city
from tests.analytics.rates.rate_lakes import MemoryLake, change, resource, us

SEPTEMBER = month_window(2026, 9, date(2026, 9, 30))
DECLARED = date(2026, 8, 3)
BUNDLES = ("newborn", "restaurant-opening", "enterprise-establishment", "listing-compliance", "veteran-services")


def month_lake(cases: int = 5, later: list[dict[str, Any]] | None = None) -> MemoryLake:
    """The lake; ``later`` are rows of cases that came after."""
    plays = played_city(cases, 11, *(each for each in BUNDLES if each in known_catalogue().bundles))
    found = MemoryLake(
        cases=case_rows(event for play in plays for event in play.log),
        catalog_changes=[*_organisations(), *_resources(), *_ledger(), *_duties()],
        complaints=_complaints(plays),
    )
    if later:
        found.connection.register("later", lake(cases=later).sql("SELECT * FROM cases").to_arrow_table())
        found.connection.execute("INSERT INTO cases SELECT * FROM later")
    return found


def bulletin_of(found: MemoryLake, rates: RatesTold, *, provisional: bool = False) -> Bulletin:
    """September's bulletin over the lake."""
    asked = BulletinAsked(SEPTEMBER, provisional, "http://127.0.0.1:8600")
    with found.reading() as connection:
        return draw_up(connection, rates, asked, load_bulletin_words(), load_bottleneck_rule(), known_catalogue())


def _organisations() -> list[dict[str, Any]]:
    return [
        change("organisation", each.code, 1, DECLARED, {"code": each.code, "name": each.name, "level": each.level})
        for each in load_organisations().all
    ]


def _resources() -> list[dict[str, Any]]:
    """Half of the entries are published in September."""
    drafts = [resource(each.code, DECLARED, state="draft", name=each.name) for each in load_resources().all]
    published = [
        resource(each.code, date(2026, 9, 10), 2, name=each.name)
        for place, each in enumerate(load_resources().all)
        if place % 2
    ]
    return [*drafts, *published]


def _ledger() -> list[dict[str, Any]]:
    return [
        change("ledger-entry", each.id, 1, DECLARED, plain(declared_entry(each)), "declared")
        for each in load_declared()
    ]


def _duties() -> list[dict[str, Any]]:
    owing = (("d-1", "tax", 20), ("d-2", "public-security", 12), ("d-3", "tax", 2))
    return [_duty(id_, department, DECLARED + timedelta(days=days)) for id_, department, days in owing]


def _duty(id_: str, department: str, due: date) -> dict[str, Any]:
    duty = Duty(
        id=id_,
        kind="catalogue-change",
        entity="resource",
        entity_id=next(each.code for each in load_resources().all if each.department == department),
        department=department,
        counterpart="",
        place="610100",
        received_at=us(DECLARED),
        limit="catalogue-change",
        due_at=us(due),
        breached_at=us(due),
    )
    return change("duty", id_, 1, due, msgspec.to_builtins(duty), "breached")


def _complaints(plays: list[PlayedCase]) -> list[dict[str, Any]]:
    told = [("over-time", plays[0].actors.script.case_id, None), ("many-trips", None, "tax"), ("other", None, None)]
    return [_complaint(f"12345-{place}", place, *each) for place, each in enumerate(told, 1)]


def _complaint(id_: str, day: int, category: str, case_id: str | None, department: str | None) -> dict[str, Any]:
    at: datetime = instant(BEGIN_US + day * 24 * HOUR_US)
    return {
        "topic": "hotline",
        "event": "HotlineComplaintReceived",
        "complaint_id": id_,
        "case_id": case_id,
        "department": department,
        "channel": "12345",
        "category": category,
        "received_at": at,
        "known_at": at,
        "body": json.dumps({"kind": "complaint", "made_up": True}),
    }
