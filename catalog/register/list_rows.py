"""What stands on each kind of list, drawn from the register: pure functions over what a lookup sees.

A row is plain text and numbers under the names of its columns; ``key`` tells rows of two periods apart. What no source
states stays ``unstated``. Nobody's own name stands on a list: organisations do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, Self, cast, get_args

import msgspec

from catalog.register.changes import DEMAND, LEGAL_BASIS, ORGANISATION, RESOURCE, SYSTEM, Entity, Lookup, State

ListKind = Literal["responsibility", "demand", "vertical-system", "negative", "high-frequency"]
Row = Mapping[str, str | int | None]

KINDS: Final[tuple[ListKind, ...]] = get_args(ListKind)
KEY: Final = "key"

TITLES: Final[Mapping[ListKind, str]] = MappingProxyType(
    {
        "responsibility": "政务数据共享责任清单",
        "demand": "政务数据共享需求清单",
        "vertical-system": "垂直管理信息系统对接清单",
        "negative": "政务数据共享负面清单",
        "high-frequency": "高频服务清单",
    }
)

COLUMNS: Final[Mapping[ListKind, Mapping[str, str]]] = MappingProxyType(
    {
        "responsibility": MappingProxyType(
            {
                "department": "责任部门代码",
                "department_name": "责任部门",
                "resource": "资源标识",
                "catalogue_code": "目录代码",
                "name": "数据资源名称",
                "data_items": "信息项数",
                "sharing_class": "共享属性",
                "sharing_means": "共享方式",
                "conditions_of_use": "使用条件",
                "scope_of_use": "共享范围",
                "withheld_reason": "不予共享理由",
                "legal_basis": "依据",
                "update_cycle_days": "更新周期（天）",
                "system": "来源系统",
            }
        ),
        "demand": MappingProxyType(
            {
                "demand": "需求编号",
                "department": "需求部门代码",
                "department_name": "需求部门",
                "provider": "提供部门代码",
                "provider_name": "提供部门",
                "resources": "数据资源",
                "fields": "信息项",
                "scenario": "应用场景",
                "purpose": "用途",
                "basis": "依据",
                "sharing_class": "共享属性",
                "means": "共享方式",
                "stands": "办理状态",
            }
        ),
        "vertical-system": MappingProxyType(
            {
                "batch": "批次",
                "system": "系统标识",
                "name": "系统名称",
                "department": "主管部门代码",
                "department_name": "主管部门",
                "level": "层级",
                "stands": "对接状态",
                "note": "备注",
            }
        ),
        "negative": MappingProxyType(
            {
                "department": "责任部门代码",
                "department_name": "责任部门",
                "resource": "资源标识",
                "catalogue_code": "目录代码",
                "name": "数据资源名称",
                "sharing_class": "共享属性",
                "withheld_reason": "列入理由",
                "legal_basis": "依据",
            }
        ),
        "high-frequency": MappingProxyType(
            {
                "service_kind": "类型",
                "service": "编码",
                "name": "服务名称",
                "department": "牵头部门代码",
                "department_name": "牵头部门",
                "grounds": "列入理由",
                "volume": "办件量",
                "previous_volume": "上期办件量",
                "growth": "增长",
                "online_share": "线上占比",
                "evaluations": "评价数",
                "good_share": "好评率",
                "to_improve": "待优化",
            }
        ),
    }
)
"""Kind of list → its columns in order, with the headings that officials read."""

BROUGHT: Final[frozenset[ListKind]] = frozenset(("high-frequency",))
"""Kinds whose rows are computed from cases, which the register does not know: whoever draws the list up brings them."""

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unstated": "未载明",
        "unconditional": "无条件共享",
        "conditional": "有条件共享",
        "withheld": "不予共享",
        "own": "自建",
        "to-clean-up": "待清理",
        "migrated": "已迁移",
        "connected": "已对接",
        "city": "市级",
        "district": "区级",
        "vertical": "垂直管理",
        "province": "省级",
        "state": "国家级",
        "interface": "接口",
        "file": "文件",
        "database": "库表",
        "applied": "已申请",
        "completing": "待补正",
        "accepted": "已受理",
        "decided": "已拟定答复",
        "granted": "已授权",
        "delivered": "已提供",
        "disposal-due": "待销毁",
        "disposed": "已销毁",
        "refused": "不予提供",
    }
)
"""Code words of the register → what officials read; sheets show these, states keep the code words."""

WORDED: Final = frozenset(("sharing_class", "sharing_means", "means", "stands", "level"))
"""Columns whose values are code words."""


class AsOf:
    """The register as it stood at an instant, from the last change of each entity until then."""

    def __init__(self, states: Mapping[str, Mapping[str, State]]) -> None:
        """Take kind of entity → id → state."""
        self._states = states

    @classmethod
    def from_changes(cls, changes: Iterable[tuple[str, str, State]]) -> Self:
        """Fold changes in their order: kind of entity, id, state after it."""
        states: dict[str, dict[str, State]] = {}
        for entity, entity_id, state in changes:
            states.setdefault(entity, {})[entity_id] = state
        return cls(states)

    def get(self, entity: Entity, entity_id: str) -> State | None:
        """Return what the entity was."""
        return self._states.get(entity, {}).get(entity_id)

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        """Return the entities whose fields were these (a list: contained it), in the order of their ids."""
        known = sorted(self._states.get(entity, {}).items())
        return tuple(state for _, state in known if all(_has(state.get(name), value) for name, value in fields.items()))


class _Remembered:
    """A lookup that asks for each entity once: the same organisation stands in many rows."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._known: dict[tuple[Entity, str], State | None] = {}

    def get(self, entity: Entity, entity_id: str) -> State | None:
        key = (entity, entity_id)
        if key not in self._known:
            self._known[key] = self._lookup.get(entity, entity_id)
        return self._known[key]

    def find(self, entity: Entity, /, **fields: str) -> tuple[State, ...]:
        return self._lookup.find(entity, **fields)


class RowDifferences(msgspec.Struct, frozen=True):
    """Rows of a later list beside an earlier one, in the order of their keys; ``changed`` names the columns."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[str, tuple[str, ...]], ...] = ()


def rows_of(kind: ListKind, lookup: Lookup, department: str = "") -> tuple[dict[str, Any], ...]:
    """Return the rows of a list as the register stands, of one department where it is named, in their order."""
    rows = _ROWS[kind](_Remembered(lookup))
    return tuple(row for row in rows if department in ("", row["department"]))


def row_differences(earlier: Iterable[Row], later: Iterable[Row]) -> RowDifferences:
    """Return what came, went and changed between two lists of a kind."""
    before = {str(row[KEY]): row for row in earlier}
    after = {str(row[KEY]): row for row in later}
    changed = ((key, _other_columns(before[key], after[key])) for key in sorted(before.keys() & after.keys()))
    return RowDifferences(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple((key, columns) for key, columns in changed if columns),
    )


def _has(held: object, value: str) -> bool:
    return value in held if isinstance(held, (list, tuple)) else held == value


def _other_columns(before: Row, after: Row) -> tuple[str, ...]:
    names = dict.fromkeys((*before, *after))
    return tuple(name for name in names if before.get(name) != after.get(name))


def _responsibilities(lookup: Lookup) -> Iterator[dict[str, Any]]:
    return (_responsibility(each, lookup) for each in _resources(lookup))


def _responsibility(resource: State, lookup: Lookup) -> dict[str, Any]:
    return {
        **_of_resource(resource, lookup),
        "data_items": len(resource["data_items"]),
        "sharing_means": "、".join(resource["sharing_means"]),
        "conditions_of_use": resource["conditions_of_use"],
        "scope_of_use": resource["scope_of_use"],
        "withheld_reason": resource["withheld_reason"],
        "update_cycle_days": resource["update_cycle_days"],
        "system": _name(lookup, SYSTEM, resource["system"] or ""),
    }


def _negatives(lookup: Lookup) -> Iterator[dict[str, Any]]:
    for resource in _resources(lookup):
        if resource["negative_list"]:
            yield {**_of_resource(resource, lookup), "withheld_reason": resource["withheld_reason"]}


def _resources(lookup: Lookup) -> list[State]:
    """Entries that are published, by department and code: a list promises nothing that is only in preparation."""
    published = lookup.find(RESOURCE, state="published")
    return sorted(published, key=lambda each: (each["provider"], each["code"]))


def _of_resource(resource: State, lookup: Lookup) -> dict[str, Any]:
    return {
        KEY: resource["code"],
        "department": resource["provider"],
        "department_name": _name(lookup, ORGANISATION, resource["provider"]),
        "resource": resource["code"],
        "catalogue_code": resource["catalogue_code"],
        "name": resource["name"],
        "sharing_class": resource["sharing_class"],
        "legal_basis": "；".join(_basis(lookup, each) for each in resource["legal_basis"]),
    }


def _demands(lookup: Lookup) -> Iterator[dict[str, Any]]:
    for demand in lookup.find(DEMAND):
        if demand["state"] != "withdrawn":
            yield _demand(demand, lookup)


def _demand(demand: State, lookup: Lookup) -> dict[str, Any]:
    scope = demand["scope"]
    return {
        KEY: demand["id"],
        "demand": demand["id"],
        "department": demand["requester"],
        "department_name": _name(lookup, ORGANISATION, demand["requester"]),
        "provider": demand["provider"],
        "provider_name": _name(lookup, ORGANISATION, demand["provider"]),
        "resources": "；".join(_name(lookup, RESOURCE, each["resource"]) for each in scope),
        "fields": "；".join("、".join(_field_names(lookup, each["resource"], each["fields"])) for each in scope),
        "scenario": demand["scenario"],
        "purpose": demand["purpose"],
        "basis": "；".join(_basis(lookup, each) for each in demand["basis"]),
        "sharing_class": demand["sharing"],
        "means": "、".join(demand["means"]),
        "stands": demand["state"],
    }


def _systems(lookup: Lookup) -> Iterator[dict[str, Any]]:
    """Systems of vertical lines by batch; those of no stated batch come last."""
    listed = [each for each in lookup.find(SYSTEM) if each["vertical"] and not each["withdrawn"]]
    listed.sort(key=lambda each: (each["batch"] is None, each["batch"] or 0, each["code"]))
    for system in listed:
        yield {
            KEY: system["code"],
            "batch": system["batch"],
            "system": system["code"],
            "name": system["name"],
            "department": system["owner"],
            "department_name": _name(lookup, ORGANISATION, system["owner"]),
            "level": system["level"],
            "stands": system["state"],
            "note": system["note"],
        }


def _none(_lookup: Lookup) -> Iterator[dict[str, Any]]:
    """Nothing: rows of such a list are brought."""
    return iter(())


def _name(lookup: Lookup, entity: Entity, code: str) -> str:
    """The entity's name; the code itself, in the officials' words, where nobody registered it."""
    found = lookup.get(entity, code) if code else None
    return WORDS.get(code, code) if found is None else str(found["name"])


def _basis(lookup: Lookup, id_: str) -> str:
    """A legal basis by its title and article; a demand may state it in words of its own."""
    found = lookup.get(LEGAL_BASIS, id_)
    return id_ if found is None else f"{found['title']}{found['article']}"


def _field_names(lookup: Lookup, resource: str, fields: Iterable[str]) -> Iterator[str]:
    entry = lookup.get(RESOURCE, resource)
    names = {} if entry is None else {each["field"]: each["name"] for each in entry["data_items"]}
    return (cast("str", names.get(field, field)) for field in fields)


_ROWS: Final[Mapping[ListKind, Callable[[Lookup], Iterator[dict[str, Any]]]]] = MappingProxyType(
    {
        "responsibility": _responsibilities,
        "demand": _demands,
        "vertical-system": _systems,
        "negative": _negatives,
        "high-frequency": _none,
    }
)
