"""Each shipped definition on a lake whose rows are few enough to count by hand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.rates.figures import NO_DEFINITION, NO_UNITS, Figures, When
from analytics.rates.units import UnitsAsked, units
from tests.analytics.rates.rate_lakes import (
    MemoryLake,
    Row,
    change,
    coverage,
    fact,
    figures,
    grant,
    noon,
    organisation,
    read,
    resource,
    us,
)

DAY = date(2026, 6, 30)
MAY = date(2026, 5, 20)
JUNE = date(2026, 6, 28)


def counted(told: Figures, rate: str, as_of: date = DAY, **more: Any) -> tuple[int, int]:
    figure = told.figure(rate, When(as_of, **more))
    return figure["numerator"], figure["denominator"]


def why(told: Figures, rate: str) -> dict[str, str | None]:
    page = units(told, rate, When(DAY), UnitsAsked(equal={}))
    return {each["unit"]: each["why"] for each in page["units"]}


@pytest.fixture(name="made")
def made_fixture(tmp_path: Path) -> Any:
    return lambda **rows: figures(MemoryLake(**rows), tmp_path)


def test_catalogued(made: Any) -> None:
    rows: list[Row] = [
        organisation("tax", "city", MAY),
        resource("tax.registration", MAY),
        resource("tax.arrears", MAY, state="draft"),
        resource("tax.listed", MAY, state="withdrawn"),
        resource("tax.gone", MAY, state="withdrawn"),
        resource("tax.overdue", MAY),
        change(
            "list",
            "responsibility.2026",
            3,
            MAY,
            {"kind": "responsibility", "department": "", "published_at": 1, "rows": [{"resource": "tax.listed"}]},
            "published",
        ),
        change(
            "duty",
            "catalogue-change:tax.overdue:1",
            2,
            MAY,
            {
                "kind": "catalogue-change",
                "entity": "resource",
                "entity_id": "tax.overdue",
                "department": "tax",
                "limit": "order-809-17-change",
                "state": "running",
                "breached_at": us(MAY),
            },
            "breached",
        ),
        change("system", "platform", 1, MAY, {"name": "平台", "level": "city", "state": "unstated"}),
        change("system", "national", 1, MAY, {"name": "国家平台", "level": "state", "state": "unstated"}),
        change("system", "unknown", 1, MAY, {"name": "未知", "level": "unstated", "state": "unstated"}),
    ]
    told = made(catalog_changes=rows, reads=[read("finance:wang", "tax.overdue", JUNE)])
    assert counted(told, "catalogued") == (1, 5)
    assert why(told, "catalogued") == {
        "tax.registration": None,
        "tax.arrears": "unpublished",
        "tax.listed": "withdrawn",
        "tax.overdue": "update-overdue",
        "system:platform": "no-entry",
        "system:unknown": "no-entry",
    }
    figure = told.figure("catalogued", When(DAY))
    assert figure["unstated"] == 1
    assert figure["twin"] == {
        "id": "never-read",
        "name": "已编目而从未被其他机构查阅",
        "of": "counted",
        "count": 1,
        "value": 1 / 6,
    }


def test_attached(made: Any) -> None:
    told = made(
        catalog_changes=[
            resource("tax.a", MAY),
            resource("tax.b", MAY),
            resource("tax.c", MAY, topic="", schema_name=""),
            resource("tax.d", MAY),
            resource("tax.e", MAY, state="draft"),
            resource("tax.f", MAY),
        ],
        facts=[
            fact("tax.f", date(2026, 7, 1), 9, "A"),
            fact("tax.a", JUNE, 1, "A"),
            fact("tax.c", MAY, 2, "A"),
            fact("tax.e", MAY, 3, "A"),
        ],
        coverages=[coverage("tax.d", MAY, (0, 0), 0)],
    )
    for raw in (False, True):
        assert counted(told, "attached", raw=raw) == (2, 5)
    assert why(told, "attached") == {
        "tax.a": None,
        "tax.b": "no-facts",
        "tax.c": "unbound",
        "tax.d": None,
        "tax.f": "no-facts",
    }
    assert told.figure("attached", When(DAY))["twins"][0]["count"] == 1


def test_collected_needs_counts_and_totals_that_agree(made: Any) -> None:
    codes = ("tax.right", "tax.short", "tax.total", "tax.old", "tax.none", "tax.cycleless", "tax.empty", "tax.tie")
    changes = [resource(code, MAY, update_cycle_days=None if code == "tax.cycleless" else 7) for code in codes]
    told = made(
        catalog_changes=changes,
        facts=[
            fact("tax.right", JUNE, 1, "A"),
            fact("tax.right", JUNE, 2, "A", withdrawn=True),
            fact("tax.right", JUNE, 3, "B"),
            fact("tax.short", JUNE, 4, "A"),
            fact("tax.total", JUNE, 5, "A"),
            fact("tax.old", MAY, 6, "A"),
            fact("tax.cycleless", JUNE, 7, "A"),
            # One version says both: the record is disputed, not gone.
            fact("tax.tie", JUNE, 9, "A", version=5),
            fact("tax.tie", JUNE, 10, "A", version=5, withdrawn=True),
            # Beyond the statement's range, and after it: neither is what it speaks of.
            fact("tax.right", DAY, 8, "C"),
        ],
        coverages=[
            coverage("tax.right", JUNE, (0, 8), 3, source_total=1),
            coverage("tax.short", JUNE, (0, 8), 2),
            coverage("tax.total", JUNE, (0, 8), 1, source_total=9),
            coverage("tax.old", MAY, (0, 8), 1),
            coverage("tax.cycleless", JUNE, (0, 8), 1),
            coverage("tax.empty", JUNE, (0, 8), 0),
            coverage("tax.tie", JUNE, (9, 11), 2, source_total=1),
        ],
    )
    for raw in (False, True):
        assert counted(told, "collected", raw=raw) == (3, 8)
    assert why(told, "collected") == {
        "tax.right": None,
        "tax.short": "counts-differ",
        "tax.total": "totals-differ",
        "tax.old": "late",
        "tax.none": "no-coverage",
        "tax.cycleless": "cycle-unstated",
        "tax.empty": None,
        "tax.tie": None,
    }
    assert told.figure("collected", When(DAY))["twin"]["count"] == 1


def test_shared_needs_a_grant_and_a_read_of_another_in_the_period(made: Any) -> None:
    told = made(
        catalog_changes=[
            resource("tax.shared", MAY),
            resource("tax.free", MAY, sharing_class="unconditional"),
            resource("tax.granted", MAY),
            resource("tax.own", MAY, sharing_class="unconditional"),
            resource("tax.before", MAY, sharing_class="unconditional"),
            resource("tax.whole", MAY),
            resource("tax.unstated", MAY, sharing_class="unstated"),
            resource("tax.withheld", MAY, sharing_class="withheld"),
            grant("G1", ["tax.shared", "tax.granted"], MAY, date(2027, 1, 1)),
            grant("G2", ["tax.whole"], MAY, date(2027, 1, 1)),
            grant("standing", ["*"], MAY, date(2027, 1, 1), demand=""),
        ],
        reads=[
            read("finance:wang", "tax.shared", JUNE, grant_id="G1"),
            read("health:li", "tax.free", JUNE),
            read("tax:zhao", "tax.own", JUNE),
            read("health:li", "tax.before", MAY),
            read("health:li", "tax.granted", JUNE, refused_reason="beyond-fields"),
            read("health:li", "", JUNE, grant_id="G2"),
            read("health:li", "", JUNE, grant_id="standing"),
            read("health:li", "tax.unstated", JUNE),
        ],
    )
    assert counted(told, "shared") == (3, 7)
    assert why(told, "shared") == {
        "tax.shared": None,
        "tax.free": None,
        "tax.granted": "not-read",
        "tax.own": "not-read",
        "tax.before": "not-read",
        "tax.whole": None,
        "tax.unstated": "class-unstated",
        "tax.withheld": "withheld",
    }
    assert counted(told, "shared", period="quarter") == (4, 7)
    assert counted(told, "shared-weak") == (6, 7)
    figure = told.figure("shared", When(DAY))
    assert [twin["count"] for twin in figure["twins"]] == [3, 1]
    assert figure["unstated"] == 1


def demand(demand_id: str, state: str, day: date, **more: Any) -> Row:
    content = {
        "state": state,
        "provider": "tax",
        "requester": "weiyang-health",
        "resources": ["tax.a", "tax.b"],
        "uses": [],
    }
    return change("demand", demand_id, 1, day, content | more)


def test_demands_and_backflow(made: Any) -> None:
    told = made(
        catalog_changes=[
            organisation("tax", "vertical", MAY),
            organisation("finance", "city", MAY),
            organisation("weiyang-health", "district", MAY),
            demand("D1", "delivered", JUNE, delivery={"at": 1}),
            demand("D2", "accepted", JUNE),
            demand("D3", "applied", JUNE),
            demand("D4", "withdrawn", JUNE),
            demand("D5", "refused", JUNE, provider="finance", requester="tax"),
            demand("D6", "disposed", JUNE, delivery={"at": 1}, uses=[{}], resources=["x.y"], requester="nobody"),
        ]
    )
    assert counted(told, "satisfied") == (2, 4)
    assert told.figure("satisfied", When(DAY))["twin"]["count"] == 1
    assert counted(told, "backflow") == (2, 6)
    assert told.figure("backflow", When(DAY))["unstated"] == 1
    groups = told.by("backflow", When(DAY), "district")["groups"]
    assert [(each["key"], each["name"], each["denominator"]) for each in groups] == [
        ("", "市本级", 0),
        ("weiyang", "未央区", 6),
    ]


def duty(duty_id: str, kind: str, day: date, state: str, **more: Any) -> Row:
    content = {
        "kind": kind,
        "entity": "demand",
        "entity_id": duty_id,
        "department": "tax",
        "limit": "L",
        "state": state,
    }
    return change("duty", duty_id, 1, day, content | more)


def test_terms_in_time(made: Any) -> None:
    told = made(
        catalog_changes=[
            duty("a", "delivery", JUNE, "fulfilled", ended_at=us(JUNE), extensions=1),
            duty("b", "delivery", JUNE, "fulfilled-late", ended_at=us(JUNE)),
            duty("c", "delivery", JUNE, "running", due_at=us(JUNE)),
            duty("d", "delivery", JUNE, "running", due_at=us(date(2026, 7, 15))),
            duty("e", "delivery", JUNE, "lapsed", ended_at=us(JUNE)),
            duty("f", "delivery", MAY, "fulfilled", ended_at=us(MAY)),
            duty("g", "delivery", MAY, "running", limit=""),
            duty("h", "correction", JUNE, "fulfilled", ended_at=us(JUNE)),
            duty("i", "correction", JUNE, "fulfilled", ended_at=us(JUNE)),
            change("correction", "i", 2, JUNE, {"state": "mark-removed"}),
        ]
    )
    assert counted(told, "satisfied-in-time") == (1, 3)
    assert counted(told, "satisfied-in-time", period="quarter") == (2, 4)
    figure = told.figure("satisfied-in-time", When(DAY))
    assert (figure["unstated"], figure["twin"]["count"]) == (1, 1)
    assert counted(told, "corrected") == (2, 2)
    assert told.figure("corrected", When(DAY))["twin"]["count"] == 1


def application(case_id: str, day: date, **more: Any) -> Row:
    body = {
        "channel": "counter", "mode": "whole-online", "fields_total": 10, "fields_filled": 6, "fields_shareable": 1,
        "received_at": {"level": "district", "code": "610112"}, "handled_at": {"level": "district", "code": "610112"},
    }  # fmt: skip
    columns = {name: more.pop(name) for name in ("policy", "bundle") if name in more}
    return {
        "topic": "case.requests", "event": "ApplicationSubmitted", "case_id": case_id, "known_at": noon(day),
        "at": noon(day), "bundle": "restaurant-opening", "body": json.dumps(body | more),
    } | columns  # fmt: skip


def dispatch(case_id: str, item: str, day: date) -> Row:
    return {
        "topic": "case.tasks.tax", "event": "ItemDispatched", "case_id": case_id, "item": item, "department": "tax",
        "known_at": noon(day), "at": noon(day), "body": '{"text": "事项"}',
    }  # fmt: skip


def notice(case_id: str, day: date, text: str) -> Row:
    return {
        "topic": "case.notices", "event": "CaseNotified", "case_id": case_id, "kind": "policy", "known_at": noon(day),
        "at": noon(day), "body": json.dumps({"text": text}),
    }  # fmt: skip


def test_cases(made: Any) -> None:
    told = made(
        cases=[
            application("1", JUNE),
            application("2", JUNE, mode="one", received_at={"level": "district", "code": "610113"}),
            application("3", JUNE, mode="one", fields_filled=0, fields_shareable=0, policy="p", bundle="b"),
            application("4", MAY, mode="one", bundle="b"),
            application("5", JUNE, mode="one", channel="online", bundle="b"),
            dispatch("1", "I1", JUNE),
            dispatch("2", "I2", JUNE),
            dispatch("3", "I3", JUNE),
            dispatch("5", "I5", JUNE),
            notice("3", JUNE, "【稳岗返还】已立案"),
            notice("n", JUNE, "【稳岗返还】无需申请"),
            notice("m", JUNE, "【稳岗返还】可申请提交前还需：身份证"),
        ]
    )
    assert counted(told, "collected-again") == (3, 40)
    assert told.figure("collected-again", When(DAY))["twin"]["count"] == 1
    assert counted(told, "citywide") == (2, 3)
    assert told.figure("citywide", When(DAY))["twin"]["count"] == 1
    assert counted(told, "apply-free") == (2, 4)
    assert told.figure("apply-free", When(DAY))["twin"]["count"] == 1
    assert told.figure("apply-free", When(DAY))["target"]["met"] is None


def test_integrated(made: Any) -> None:
    def system(code: str, state: str, **more: Any) -> Row:
        return change("system", code, 1, MAY, {"name": code, "owner": "tax", "level": "city", "state": state} | more)

    told = made(
        catalog_changes=[
            system("integrated-service-platform", "unstated"),
            system("a", "migrated"),
            system("b", "connected"),
            system("c", "to-clean-up"),
            system("d", "unstated"),
            system("e", "migrated", withdrawn=True),
            resource("tax.a", MAY, system="b"),
        ]
    )
    assert counted(told, "integrated") == (1, 4)
    assert counted(told, "integrated-weak") == (2, 4)
    figure = told.figure("integrated", When(DAY))
    assert (figure["unstated"], figure["twin"]["count"]) == (1, 1)
    assert figure["target"] == {
        "value": 1.0,
        "by": "2026-12-31",
        "met": False,
        "source": "市政办函〔2024〕60号 任务2",
        "text": "2024年、2025年、2026年政务服务信息系统整合率分别达到70%、90%、100%",
    }


def test_a_figure_without_units_says_so_and_the_others_stand(made: Any) -> None:
    told = made(catalog_changes=[resource("tax.a", MAY)])
    rates = {each["id"]: each for each in told.overview(When(DAY))["rates"]}
    assert (rates["backflow"]["value"], rates["backflow"]["why_null"]) == (None, NO_UNITS)
    assert (rates["catalogued"]["value"], rates["catalogued"]["why_null"]) == (1.0, None)


def test_before_a_definition_is_in_force_there_is_no_figure(made: Any) -> None:
    figure = made().figure("satisfied", When(date(2025, 7, 31)))
    assert (figure["value"], figure["why_null"], figure["version"]) == (None, NO_DEFINITION, 1)
