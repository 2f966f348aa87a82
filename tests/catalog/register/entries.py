"""A register in memory for tests of catalogue entries: what a rule sees, and a whole life in a few words."""

from collections.abc import Mapping
from typing import Any

from catalog.register.canonical import plain
from catalog.register.changes import RESOURCE, Command, Entity, State, Step
from catalog.register.life import resource_rule
from catalog.register.life_binding import load_bindings
from catalog.register.model import DataItem, LegalBasis, RegisteredOrganisation, Resource, System

CODE = "tax.arrears"
DAY_US = 86_400_000_000
AT = 1_795_000_000_000_000
"""2026-11-18 in China."""

PENALTY = "onething.registration.PenaltyImposed"
ITEMS = (
    DataItem(name="决定书文号", field="decision_number", type="text"),
    DataItem(name="违法事实摘要", field="cause", type="text"),
)


def entry(**fields: Any) -> dict[str, Any]:
    """The content of an entry without fault; ``fields`` are other."""
    whole: dict[str, Any] = {
        "code": CODE,
        "name": "欠税公告信息",
        "provider": "tax",
        "catalogue_code": "301001",
        "summary": "本市纳税人欠缴税款的公告，按季度公布",
        "data_items": ITEMS,
        "format": "数据库",
        "update_cycle_days": 90,
        "sharing_class": "unconditional",
        "sharing_means": ("消息",),
        "classification": "一般",
        "topic": "registration.tax",
        "schema_name": PENALTY,
    }
    state = plain(Resource(**{**whole, **fields}))
    return {name: value for name, value in state.items() if name not in ("state", "version")}


class Around:
    """A lookup over a few entities; ``resources`` are states of entries."""

    def __init__(self, *resources: State) -> None:
        law = LegalBasis(id="tax-law", title="税收征收管理法", article="第五条", in_force_from="2015-04-24")
        old = LegalBasis(id="old", title="旧法", article="一", in_force_from="2000-01-01", in_force_until="2020-01-01")
        self._held: dict[str, dict[str, State]] = {
            "resource": {each["code"]: each for each in resources},
            "system": {"golden-tax": plain(System(code="golden-tax", name="金税系统"))},
            "organisation": {
                code: plain(RegisteredOrganisation(code=code, name=code, level="city", kind="department"))
                for code in ("tax", "data-bureau", "science")
            },
            "legal-basis": {each.id: plain(each) for each in (law, old)},
        }

    def get(self, entity: Entity, entity_id: str) -> State | None:
        return self._held[entity].get(entity_id)

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        rows = self._held[entity].values()
        return tuple(row for row in rows if all(row[name] == value for name, value in fields.items()))


RULE = resource_rule(load_bindings())
OFFICE = {"organisation": "data-bureau"}
TAX = {"organisation": "tax"}
PUBLICATION: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("submitted", "张三", TAX),
    ("reviewed", "李四", OFFICE),
    ("published", "李四", OFFICE),
)


def do(
    state: State | None, action: str, actor: str = "张三", payload: Mapping[str, Any] | None = None, **more: Any
) -> Step:
    """What the rule answers to a command."""
    around = more.pop("around", Around())
    command = Command(
        entity=RESOURCE,
        entity_id=more.pop("entity_id", CODE),
        action=action,
        actor=actor,
        at=more.pop("at", AT),
        command_id="c",
        payload=payload or {},
        **more,
    )
    return RULE(state, command, around)


def after(state: State | None, action: str, actor: str = "张三", payload: Any = None, **more: Any) -> State:
    """The state after a command that is done."""
    step = do(state, action, actor, payload, **more)
    assert step.refusals == (), [each.reason_en for each in step.refusals]
    (change,) = step.changes
    return change.state


def refused(state: State | None, action: str, actor: str = "张三", payload: Any = None, **more: Any) -> list[str]:
    """The fields for which a command is refused."""
    step = do(state, action, actor, payload, **more)
    assert step.changes == ()
    for each in step.refusals:
        assert all((each.reason, each.reason_en, each.remedy, each.remedy_en))
    return [each.field for each in step.refusals]


def published(state: State | None = None, **fields: Any) -> State:
    """An entry that went the whole way to publication, or goes on to its next one."""
    state = after(state, "drafted", payload=entry(**fields)) if state is None else state
    for action, actor, payload in PUBLICATION:
        state = after(state, action, actor, payload)
    return state
