"""Rates counted by plain loops over plain rows: written from what the definitions say, not from their SQL."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]
Rows = Mapping[str, list[Any]]
Pair = tuple[int, int]
CITY = ZoneInfo("Asia/Shanghai")
HEIGHTS = {"district": 1, "city": 2, "vertical": 3, "province": 3, "state": 4}


def midnight_after(day: date) -> datetime:
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=CITY)


def day_of(row: Row) -> date:
    known: datetime = row["known_at"]
    return known.astimezone(CITY).date()


class City:
    """What was known at the end of a day."""

    def __init__(self, rows: Rows, as_of: date, first: date) -> None:
        self.as_of, self.first = as_of, first
        self.end = midnight_after(as_of)
        self.begin = midnight_after(first - timedelta(days=1))
        self.rows = {name: [row for row in each if day_of(row) <= as_of] for name, each in rows.items()}

    def of(self, table: str) -> list[Row]:
        return self.rows.get(table, [])

    def standing(self, entity: str) -> dict[str, dict[str, Any]]:
        newest: dict[str, Row] = {}
        for row in self.of("catalog_changes"):
            if row["entity"] != entity:
                continue
            held = newest.get(row["entity_id"])
            if held is None or (row["version"], row["event_id"]) > (held["version"], held["event_id"]):
                newest[row["entity_id"]] = row
        return {key: json.loads(row["state"]) for key, row in newest.items()}

    def published(self) -> dict[str, dict[str, Any]]:
        return {code: state for code, state in self.standing("resource").items() if state["state"] == "published"}

    def us(self, moment: datetime) -> int:
        return int(moment.timestamp()) * 1_000_000

    def grants(self) -> list[dict[str, Any]]:
        return [
            each
            for each in self.standing("grant").values()
            if each["demand"]
            and each["since"] < self.us(self.end)
            and each["until"] > self.us(self.begin)
            and (each["ended_at"] is None or each["ended_at"] > self.us(self.begin))
        ]

    def readers(self) -> dict[str, list[date]]:
        """Days on which others than the provider read a resource."""
        granted = {code: each["resources"] for code, each in self.standing("grant").items() if each in self.grants()}
        found: dict[str, list[date]] = {}
        for row in self.of("reads"):
            if row.get("refused_reason") or row["record_count"] == 0:
                continue
            for code in row["resources"] or granted.get(str(row.get("grant_id")), []):
                provider = self.standing("resource").get(code, {}).get("provider")
                if provider and provider != row["reader"].split(":")[0]:
                    found.setdefault(code, []).append(day_of(row))
        return found


def catalogued(city: City) -> Pair:
    overdue = {
        duty["entity_id"]
        for duty in city.standing("duty").values()
        if duty["kind"] == "catalogue-change"
        and duty.get("ended_at") is None
        and (duty.get("breached_at") is not None or duty.get("due_at", 10**18) <= city.us(city.end))
    }
    listed: set[str] = set()
    newest: Row | None = None
    for row in city.of("catalog_changes"):
        if row["entity"] == "list" and row["action"] == "published":
            state = json.loads(row["state"])
            if newest is None or state["published_at"] > json.loads(newest["state"])["published_at"]:
                newest, listed = row, {each["resource"] for each in state["rows"]}
    entries = city.standing("resource")
    due = [code for code, state in entries.items() if state["state"] != "withdrawn" or code in listed]
    good = [code for code in due if entries[code]["state"] == "published" and code not in overdue]
    with_entry = {state["system"] for state in entries.values() if state["state"] != "withdrawn"}
    lacking = [
        code
        for code, state in city.standing("system").items()
        if not state.get("withdrawn") and state["level"] in ("city", "district") and code not in with_entry
    ]
    return len(good), len(due) + len(lacking)


def attached(city: City) -> Pair:
    seen = {(row["topic"], row["resource"]) for row in city.of("facts")}
    covered = {row["resource"] for row in city.of("coverages")}
    entries = city.published()
    good = [
        code
        for code, state in entries.items()
        if state["topic"] and state["schema_name"] and ((state["topic"], code) in seen or code in covered)
    ]
    return len(good), len(entries)


def collected(city: City) -> Pair:
    entries = city.published()
    return sum(_is_collected(city, code, state) for code, state in entries.items()), len(entries)


def _is_collected(city: City, code: str, state: Mapping[str, Any]) -> bool:
    stated = [row for row in city.of("coverages") if row["resource"] == code]
    if not stated or state["update_cycle_days"] is None:
        return False
    newest = max(stated, key=lambda row: (row["version"], row["event_id"]))
    if newest["complete_until"] < city.end - timedelta(days=state["update_cycle_days"]):
        return False
    facts = [row for row in city.of("facts") if row["resource"] == code and row["known_at"] <= newest["known_at"]]
    inside = [
        row
        for row in facts
        for span in newest["ranges"]
        if (row["topic"], row["partition"]) == (span["topic"], span["partition"])
        and span["from_offset"] <= row["offset"] < span["to_offset"]
    ]
    if len(inside) != newest["message_count"]:
        return False
    if newest.get("source_total") is None:
        return True
    newest_of: dict[Any, list[Row]] = {}
    for row in facts:
        key = row["subject"], row["record_type"], row["record_id"]
        held = newest_of.setdefault(key, [])
        if held and held[0]["version"] < row["version"]:
            held.clear()
        if not held or held[0]["version"] == row["version"]:
            held.append(row)
    living = sum(not all(row.get("withdrawn", False) for row in held) for held in newest_of.values())
    return bool(living == newest["source_total"])


def shared(city: City) -> Pair:
    granted = {code for each in city.grants() for code in each["resources"]}
    readers = city.readers()
    entries = {code: state for code, state in city.published().items() if state["sharing_class"] != "withheld"}
    good = [
        code
        for code, state in entries.items()
        if (state["sharing_class"] == "unconditional" or (state["sharing_class"] == "conditional" and code in granted))
        and any(day >= city.first for day in readers.get(code, []))
    ]
    return len(good), len(entries)


def shared_weak(city: City) -> Pair:
    granted = {code for each in city.grants() for code in each["resources"]}
    entries = {code: state for code, state in city.published().items() if state["sharing_class"] != "withheld"}
    good = [
        code
        for code, state in entries.items()
        if state["sharing_class"] != "unstated"
        and (bool(state["topic"] and state["schema_name"]) or state["sharing_means"] or code in granted)
    ]
    return len(good), len(entries)


def satisfied(city: City) -> Pair:
    taken = [
        each for each in city.standing("demand").values() if each["state"] not in ("applied", "completing", "withdrawn")
    ]
    return sum(each.get("delivery") is not None for each in taken), len(taken)


def backflow(city: City) -> Pair:
    levels = {code: HEIGHTS[each["level"]] for code, each in city.standing("organisation").items()}
    good = out_of = 0
    for each in city.standing("demand").values():
        upper, lower = levels.get(each["provider"]), levels.get(each["requester"])
        if each["state"] == "withdrawn" or upper is None or lower is None or upper <= lower:
            continue
        out_of += len(each["resources"])
        good += len(each["resources"]) * (each.get("delivery") is not None)
    return good, out_of


def in_time(kind: str) -> Callable[[City], Pair]:
    def pair(city: City) -> Pair:
        good = out_of = 0
        for duty in city.standing("duty").values():
            if duty["kind"] != kind or duty["state"] == "lapsed":
                continue
            ended = duty.get("ended_at")
            if ended is not None:
                inside = city.us(city.begin) <= ended < city.us(city.end)
                out_of += inside
                good += inside and duty["state"] == "fulfilled"
            elif duty["limit"] and (
                duty.get("breached_at") is not None or duty.get("due_at", 10**18) <= city.us(city.end)
            ):
                out_of += 1
        return good, out_of

    return pair


def _applications(city: City) -> dict[str, tuple[Row, dict[str, Any]]]:
    rows = sorted(
        (row for row in city.of("cases") if row["event"] == "ApplicationSubmitted"),
        key=lambda row: (day_of(row), row["event_id"]),
    )
    return {row["case_id"]: (row, json.loads(row["body"])) for row in reversed(rows)}


def collected_again(city: City) -> Pair:
    forms = [body for row, body in _applications(city).values() if day_of(row) >= city.first]
    return sum(each["fields_shareable"] for each in forms), sum(each["fields_total"] for each in forms)


def citywide(city: City) -> Pair:
    applications = _applications(city)
    counter: set[str] = set()
    anywhere: set[str] = set()
    for row in city.of("cases"):
        if row["event"] != "ItemDispatched" or row["case_id"] not in applications:
            continue
        body = applications[row["case_id"]][1]
        if body["channel"] in ("counter", "self-service"):
            counter.add(row["item"])
        if body["mode"] in ("collected-elsewhere", "joint-places", "whole-online"):
            anywhere.add(row["item"])
        if body["received_at"]["code"] != body["handled_at"]["code"]:
            anywhere.add(row["item"])
    return len(counter & anywhere), len(counter)


def apply_free(city: City) -> Pair:
    applications = _applications(city)
    helped = {row["bundle"] for row, _ in applications.values() if row.get("policy")}
    notices: dict[str, bool] = {}
    for row in city.of("cases"):
        if row["event"] == "CaseNotified" and row["kind"] == "policy" and day_of(row) >= city.first:
            more = "提交前还需" in json.loads(row["body"])["text"]
            notices[row["case_id"]] = notices.get(row["case_id"], False) or more
    own = {
        case_id: row
        for case_id, (row, _) in applications.items()
        if day_of(row) >= city.first and (row.get("policy") or row["bundle"] in helped)
    }
    units = notices.keys() | own.keys()
    good = [each for each in units if (each in notices or own[each].get("policy")) and not notices.get(each, False)]
    return len(good), len(units)


def integrated(*states: str) -> Callable[[City], Pair]:
    def pair(city: City) -> Pair:
        systems = [
            each
            for code, each in city.standing("system").items()
            if not each.get("withdrawn") and code != "integrated-service-platform"
        ]
        return sum(each["state"] in states for each in systems), len(systems)

    return pair


RATES: Mapping[str, Callable[[City], Pair]] = {
    "catalogued": catalogued,
    "attached": attached,
    "collected": collected,
    "shared": shared,
    "shared-weak": shared_weak,
    "satisfied": satisfied,
    "satisfied-in-time": in_time("delivery"),
    "corrected": in_time("correction"),
    "backflow": backflow,
    "collected-again": collected_again,
    "integrated": integrated("migrated"),
    "integrated-weak": integrated("migrated", "connected"),
    "citywide": citywide,
    "apply-free": apply_free,
}


def figures_of(rows: Rows, as_of: date, first: date, rates: Iterable[str] = tuple(RATES)) -> dict[str, Pair]:
    """Numerator and denominator of each rate as of a day."""
    city = City(rows, as_of, first)
    return {rate: RATES[rate](city) for rate in rates}
