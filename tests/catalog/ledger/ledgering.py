"""A small ledger for tests: one task, one bundle, what they rest on, and commands in one line."""

from datetime import date
from typing import Any

from catalog.ledger.model import Declared, Entry, Milestone, Party
from catalog.ledger.needs import BundleNeeds, NeededItem
from catalog.ledger.rule import declared_entry, entry_of, ledger_rule
from catalog.ledger.standards import load_standards
from catalog.recollection.asked import Asked
from catalog.register.canonical import plain
from catalog.register.changes import LEDGER_ENTRY, Command, Lookup, State, Step
from catalog.register.list_rows import AsOf

DAY_US = 86_400_000_000
AT = 1_795_320_000_000_000
"""2026-11-22 in China."""
TODAY = date(2026, 11, 22)
STANDARDS = load_standards()
IDS = tuple(each.id for each in STANDARDS.standard)

ORGANISATIONS = ("admin-approval", "data-bureau", "health", "public-security", "tax")
STATIONS = Milestone(
    id="stations",
    name="新建32个驿站",
    quote="新建32个驿站",
    due_text="2026年底前",
    due=date(2026, 12, 31),
    quantity_text="32个",
    target=32,
    unit="个",
)
MAP = Milestone(id="map", name="建成地图", quote="建成地图", due_text="2026年底前", due=date(2026, 12, 31))
TRAINING = Milestone(
    id="training",
    name="培训",
    quote="每半年培训",
    due_text="每半年",
    quantity_text="不少于一次",
    target=1,
    unit="次",
    every="half-year",
)
DISPATCH = Milestone(
    id="dispatch",
    name="每月调度",
    quote="每月调度",
    due_text="每月",
    target=1,
    unit="次",
    every="month",
    meeting="monthly",
)


def declared(id_: str = "task", **more: Any) -> Declared:
    fields: dict[str, Any] = {
        "kind": "task",
        "name": "一项任务",
        "source": "s",
        "document": "d",
        "issued": date(2026, 1, 1),
        "milestones": (STATIONS, MAP),
        "lead_parties": (Party(text="市行政审批局", code="admin-approval"),),
        "responsible_parties": (Party(text="市公安局", code="public-security"),),
    }
    return Declared(id=id_, **(fields | more))


TASK = declared()
BUNDLE = declared(
    "bundle.newborn",
    kind="bundle",
    bundle="newborn",
    milestones=(MAP,),
    lead_parties=(Party(text="市卫生健康委", code="health"),),
)

FILLED = (
    Asked(form="newborn", form_name="出生", kind="field", id="name", name="姓名", resource="ps.r", content="name"),
    Asked(form="newborn", form_name="出生", kind="material", id="m", name="户口簿", resource="ps.h"),
)
NEEDS = BundleNeeds(
    bundle="newborn",
    asked=(*FILLED, Asked(form="newborn", form_name="出生", kind="field", id="number", name="决定书文号")),
    filled=FILLED,
    resources=("ps.r", "ps.h"),
    items=(
        NeededItem(number=1, code="1", name="甲", unstated=(), differing=(), confirmed=False, waits=False),
        NeededItem(number=2, code="2", name="乙", unstated=(), differing=(), confirmed=True, waits=True),
    ),
)
REDUCED = {
    "cases": 3,
    "before": {"steps": 6, "days": 20, "materials": 18, "trips": 7},
    "now": {"steps": 1, "days": 5, "materials": 3, "trips": 0},
    "figure": "/v1/bundles/newborn/savings",
}


def needs_of(bundle: str) -> BundleNeeds | None:
    return NEEDS if bundle == "newborn" else None


def resource(code: str, **more: Any) -> State:
    return {
        "code": code,
        "name": f"{code} 信息",
        "provider": code.partition(".")[0],
        "state": "published",
        "sharing_class": "unconditional",
        "topic": "t",
        "schema_name": "s",
        "data_items": [{"field": "name", "name": "姓名"}],
    } | more


def lookup(*entries: Entry, resources: tuple[State, ...] | None = None, grants: tuple[State, ...] = ()) -> AsOf:
    held = (resource("ps.r"), resource("ps.h")) if resources is None else resources
    return AsOf(
        {
            "organisation": {code: {"code": code} for code in ORGANISATIONS},
            "resource": {str(each["code"]): each for each in held},
            "grant": {str(number): each for number, each in enumerate(grants)},
            LEDGER_ENTRY: {each.id: plain(each) for each in entries},
        }
    )


RULE = ledger_rule(STANDARDS, needs_of)
LOOKUP = lookup()


def command(action: str, payload: dict[str, Any], id_: str = "task", **more: Any) -> Command:
    return Command(
        entity=LEDGER_ENTRY,
        entity_id=id_,
        action=action,
        actor=more.pop("actor", "张三"),
        at=more.pop("at", AT),
        command_id="c",
        payload=payload,
        **more,
    )


def step(entry: Entry | None, action: str, look: Lookup = LOOKUP, /, **payload: Any) -> Step:
    """What a command comes to; ``actor``, ``at`` and ``reason`` are the command's, the rest is its payload."""
    own = {name: payload.pop(name) for name in ("actor", "at", "reason") if name in payload}
    id_ = "task" if entry is None else entry.id
    return RULE(None if entry is None else plain(entry), command(action, payload, id_, **own), look)


def after(entry: Entry, action: str, look: Lookup = LOOKUP, /, **payload: Any) -> Entry:
    """The entry afterwards; a refusal is a failure of the test."""
    done = step(entry, action, look, **payload)
    assert not done.refusals, [each.reason for each in done.refusals]
    return entry_of(done.changes[0].state) if done.changes else entry


def fields(done: Step) -> list[str]:
    """The fields that are refused."""
    assert not done.changes
    return [each.field for each in done.refusals]


def entry(said: Declared = TASK) -> Entry:
    return declared_entry(said)


def finished(of: Entry) -> Entry:
    """With every goal reached."""
    lead = of.leads[0]
    for each in of.milestones:
        if not each.every:
            done = 100 if each.target is None else each.target
            of = after(of, "progress-reported", organisation=lead, milestone=each.id, done=done)
    return of


def stated(*standards: str) -> list[dict[str, Any]]:
    return [{"standard": each, "text": "已完成", "evidence": ["WJ-1"]} for each in standards]
