"""Rows of a lake drawn at random: what a city's parts might have left in the log over some months, in any order."""

import json
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.analytics.rates.rate_lakes import (
    NUMBERS,
    Row,
    change,
    coverage,
    fact,
    grant,
    noon,
    organisation,
    read,
    resource,
    us,
)

FIRST = date(2026, 4, 1)
DAYS = 92
CODES = ("tax.a", "tax.b", "finance.c", "weiyang-health.d", "weiyang-health.e")
ORGANISATIONS = {"tax": "vertical", "finance": "city", "weiyang-health": "district"}


def drawn(seed: int) -> dict[str, list[Row]]:
    """A lake's rows; the same seed gives the same rows."""
    random = Random(seed)  # noqa: S311  made-up rows
    rows: dict[str, list[Row]] = {
        "catalog_changes": [*_register(random), *_demands(random), *_duties(random)],
        "facts": _facts(random),
        "reads": _reads(random),
        "cases": _cases(random),
    }
    rows["coverages"] = _coverages(random, rows["facts"])
    for each in rows.values():
        random.shuffle(each)
    return rows


def _day(random: Random) -> date:
    return FIRST + timedelta(days=random.randrange(DAYS))


def _register(random: Random) -> list[Row]:
    rows = [organisation(code, level, _day(random)) for code, level in ORGANISATIONS.items() if random.random() < 0.8]
    for code in CODES:
        versions = range(1, random.randint(1, 3) + 1)
        rows += [resource(code, _day(random), version, **_entry(random)) for version in versions]
    for code in ("integrated-service-platform", "s1", "s2", "s3"):
        for version in range(1, random.randint(1, 2) + 1):
            state = {
                "name": code,
                "owner": random.choice(["tax", "unstated"]),
                "level": random.choice(["city", "district", "state", "unstated"]),
                "state": random.choice(["own", "to-clean-up", "migrated", "connected", "unstated"]),
                "withdrawn": random.random() < 0.1,
            }
            rows.append(change("system", code, version, _day(random), state))
    for number in range(random.randrange(3)):
        state = {
            "kind": "responsibility",
            "department": "",
            "published_at": number,
            "rows": [{"resource": code} for code in CODES if random.random() < 0.5],
        }
        rows.append(change("list", f"responsibility.{number}", 3, _day(random), state, "published"))
    return rows


def _entry(random: Random) -> dict[str, Any]:
    bound = random.random() < 0.8
    return {
        "state": random.choice(["published", "published", "published", "draft", "withdrawn"]),
        "sharing_class": random.choice(["unconditional", "conditional", "withheld", "unstated"]),
        "sharing_means": random.choice([[], ["interface"]]),
        "update_cycle_days": random.choice([None, 1, 7, 30, 365]),
        "system": random.choice([None, "s1", "s2"]),
    } | ({} if bound else {"topic": "", "schema_name": ""})


def _demands(random: Random) -> list[Row]:
    rows = []
    for number in range(6):
        provider = random.choice(list(ORGANISATIONS))
        requester = random.choice(list(ORGANISATIONS))
        resources = random.sample(CODES, random.randint(1, 2))
        for version in range(1, random.randint(1, 3) + 1):
            stage = random.choice(["applied", "accepted", "granted", "delivered", "refused", "withdrawn", "disposed"])
            state: dict[str, Any] = {
                "state": stage,
                "provider": provider,
                "requester": requester,
                "resources": resources,
                "uses": [],
            }
            if stage in ("delivered", "disposed"):
                state["delivery"] = {"at": 1}
            rows.append(change("demand", f"D{number}", version, _day(random), state))
        since = _day(random)
        ended = us(_day(random)) if random.random() < 0.3 else None
        purpose = {"demand": "" if random.random() < 0.3 else f"D{number}", "ended_at": ended}
        until = since + timedelta(days=random.randint(5, 90))
        rows.append(grant(f"G{number}", resources, since, until, **purpose))
    return rows


def _duties(random: Random) -> list[Row]:
    rows = []
    for number in range(12):
        kind = random.choice(["delivery", "correction", "catalogue-change"])
        base = {
            "kind": kind,
            "entity": "resource" if kind == "catalogue-change" else "demand",
            "entity_id": random.choice(CODES) if kind == "catalogue-change" else f"D{number % 6}",
            "department": random.choice(list(ORGANISATIONS)),
            "limit": random.choice(["L", "L", ""]),
        }
        versions = range(1, random.randint(1, 3) + 1)
        rows += [
            change("duty", f"{kind}:{number}", version, _day(random), base | _stage(random)) for version in versions
        ]
    return rows


def _stage(random: Random) -> dict[str, Any]:
    stage = random.choice(["running", "breached", "fulfilled", "fulfilled-late", "lapsed"])
    if stage == "running":
        return {"state": "running", "due_at": us(_day(random))}
    if stage == "breached":
        return {"state": "running", "breached_at": us(_day(random))}
    return {"state": stage, "ended_at": us(_day(random))}


def _facts(random: Random) -> list[Row]:
    days = sorted(_day(random) for _ in range(40))
    return [
        fact(
            random.choice(CODES),
            day,
            offset,
            random.choice("ABC"),
            version=random.randrange(20),
            withdrawn=random.random() < 0.3,
            event_id=(10**9 + offset).to_bytes(16, "big"),
        )
        for offset, day in enumerate(days)
    ]


def _coverages(random: Random, facts: list[Row]) -> list[Row]:
    """Statements of which most are true of what was known, and some are not."""
    rows = []
    for number in range(14):
        code, day = random.choice(CODES), _day(random)
        low, high = sorted(random.sample(range(45), 2))
        topic = f"registration.{code.partition('.')[0]}"
        known = [row for row in facts if row["resource"] == code and row["known_at"] <= noon(day) + timedelta(hours=1)]
        inside = sum(low <= row["offset"] < high and row["topic"] == topic for row in known)
        stated = inside if random.random() < 0.8 else inside + 1
        more: dict[str, Any] = {"version": us(day) + number, "event_id": (2 * 10**9 + number).to_bytes(16, "big")}
        if random.random() < 0.5:
            more["source_total"] = random.randrange(4)
        rows.append(coverage(code, day, (low, high), stated, **more))
    return rows


def _reads(random: Random) -> list[Row]:
    return [
        read(
            f"{random.choice(list(ORGANISATIONS))}:{random.choice('xy')}",
            random.choice([*CODES, ""]),
            _day(random),
            grant_id=random.choice([None, *(f"G{each}" for each in range(6))]),
            record_count=random.choice([0, 1, 5]),
            refused_reason=random.choice([None, None, None, "beyond-fields"]),
            event_id=(3 * 10**9 + number).to_bytes(16, "big"),
        )
        for number in range(25)
    ]


def _cases(random: Random) -> list[Row]:
    rows: list[Row] = []
    for number in range(12):
        day, case_id = _day(random), f"C{number}"
        total = random.randint(0, 9)
        body = {
            "channel": random.choice(["online", "counter", "self-service"]),
            "mode": random.choice(["whole-online", "one-place", "joint-places"]),
            "received_at": {"level": "district", "code": random.choice(["610112", "610113", "4401"])},
            "handled_at": {"level": "district", "code": "610112"},
            "fields_total": total,
            "fields_filled": random.randint(0, total),
            "fields_shareable": random.randint(0, total),
        }
        policy, bundle = random.choice([None, None, "p"]), random.choice(["b1", "b2"])
        if random.random() < 0.8:
            rows.append(_case("ApplicationSubmitted", case_id, day, body, bundle=bundle, policy=policy))
        items = random.sample(["I1", "I2", "I3"], random.randint(0, 2))
        more: dict[str, Any] = {"department": "tax"}
        rows += [_case("ItemDispatched", case_id, _day(random), {"text": "事项"}, item=item, **more) for item in items]
        if random.random() < 0.4:
            text = random.choice(["【补助】无需申请", "【补助】提交前还需：证明"])
            rows.append(_case("CaseNotified", case_id, _day(random), {"text": text}, kind="policy"))
    return rows


def _case(event: str, case_id: str, day: date, body: dict[str, Any], **more: Any) -> Row:
    text = json.dumps(body, ensure_ascii=False)
    told = {"topic": "case.requests", "event": event, "case_id": case_id, "known_at": noon(day), "at": noon(day)}
    return {**told, "event_id": next(NUMBERS).to_bytes(16, "big"), "body": text, **more}
