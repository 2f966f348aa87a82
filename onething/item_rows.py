"""Items of the register as programs read them: the list, one item, guides, and what lint finds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

from catalog.bundle_guide import BundleGuide
from catalog.item_lint import Finding
from catalog.item_words import KIND_WORDS, UNSTATED_WORDS, days_words, fee_words
from catalog.items import RegisteredItem
from catalog.name_likeness import normalised
from catalog.service_guide import GuideBook, ServiceGuide

ITEM_KINDS: Final[tuple[str, ...]] = tuple(KIND_WORDS)

ELEMENT_WORDS: Final = {
    "kind": "事项类型",
    "organisations": "实施机关",
    "legal_basis": "设定依据",
    "audience": "服务对象",
    "conditions": "受理条件",
    "materials": "申请材料",
    "fields": "填报内容",
    "legal_days": "法定时限",
    "promised_days": "承诺时限",
    "fee_fen": "收费",
    "result": "办理结果",
    "handled_and_reviewed": "经办审核",
    "working_steps": "办理步骤",
}


@dataclass(frozen=True)
class ItemFilter:
    """Which items are listed; an empty member leaves nothing out.

    Attributes:
        kind: a kind's code.
        organisation: an organisation's code.
        bundle: a bundle's id.
        name: words that a name or alias holds, whatever their punctuation.
        unstated: only items of which something is unstated.
    """

    kind: str = ""
    organisation: str = ""
    bundle: str = ""
    name: str = ""
    unstated: bool = False

    def takes(self, item: RegisteredItem, book: GuideBook) -> bool:
        """Tell whether an item is listed."""
        words = normalised(self.name)
        return (
            self.kind in ("", item.kind)
            and (not self.organisation or self.organisation in item.organisations)
            and (not self.bundle or any(use.bundle == self.bundle for use in book.uses.get(item.code, ())))
            and (not words or any(words in normalised(name) for name in item.names))
            and (not self.unstated or bool(book.guide(item.code).unstated))
        )


def chosen(book: GuideBook, only: ItemFilter) -> tuple[RegisteredItem, ...]:
    """Return the items that a filter takes, in the order of their codes."""
    return tuple(item for item in book.items if only.takes(item, book))


def listed(book: GuideBook, item: RegisteredItem) -> dict[str, Any]:
    """Return an item in the list; ``unstated`` names its elements that are."""
    guide = book.guide(item.code)
    return {
        "code": guide.code,
        "version": guide.version,
        "name": guide.name,
        "aliases": list(guide.aliases),
        "kind": asdict(guide.kind),
        "organisations": None if guide.organisations is None else [asdict(each) for each in guide.organisations],
        "variant_of": item.variant_of or None,
        "origin": guide.origin,
        "unstated": list(guide.unstated),
        "bundles": list(dict.fromkeys(use.bundle for use in guide.uses)),
    }


def shown(guide: ServiceGuide) -> dict[str, Any]:
    """Return a whole item: null is unstated."""
    return {**asdict(guide), "unstated": list(guide.unstated)}


def told(guide: ServiceGuide) -> list[tuple[str, str]]:
    """Return a whole item as people read it: element and content, the unstated ones saying so."""
    lines = [
        ("编码", f"{guide.code}（第 {guide.version} 版）"),
        ("事项", "；".join((guide.name, *guide.aliases))),
        ("事项类型", guide.kind.name),
        ("实施机关", _listed(guide.organisations)),
        ("设定依据", _text(guide.legal_basis)),
        ("服务对象", _listed(guide.audience)),
        ("受理条件", _text(None if guide.conditions is None else [each.text for each in guide.conditions])),
        ("申请材料", _listed(guide.materials)),
        ("填报内容", _listed(guide.fields)),
        ("法定时限", days_words(guide.legal_days)),
        ("承诺时限", days_words(guide.promised_days)),
        ("收费", fee_words(guide.fee_fen)),
        ("办理结果", UNSTATED_WORDS if guide.result is None else guide.result.name),
        ("办理步骤", _text(guide.working_steps)),
        ("一件事", "\n".join(f"{use.bundle_name} 第{use.number}项" for use in guide.uses)),
    ]
    if guide.main_item:
        lines.insert(2, ("所属主项", f"{guide.main_item.name}（{guide.main_item.code}）"))
    if guide.check:
        lines.append(("答复单位", "、".join(each.department.name for each in guide.check.answerers)))
    if guide.origin:
        lines.append(("编制", "要素由平台编制，不是来源文件所载"))
    return lines


class _Named(Protocol):
    @property
    def name(self) -> str: ...


def _listed(named: Sequence[_Named] | None) -> str:
    return UNSTATED_WORDS if named is None else "、".join(each.name for each in named) or "无"


def _text(lines: Sequence[str] | None) -> str:
    return UNSTATED_WORDS if lines is None else "\n".join(lines) or "无"


def bundle_shown(guide: BundleGuide) -> dict[str, Any]:
    """Return the guide of a bundle; items are told by code, what the register says of them by ``/v1/items``."""
    return {
        **asdict(guide),
        "items": [_bundle_item(asdict(item)) for item in guide.items],
        "materials": [{**asdict(each.material), "items": each.items} for each in guide.materials if each.material],
        "fields": [{**asdict(each.field), "items": each.items} for each in guide.fields if each.field],
    }


_OF_REGISTER: Final = ("code", "name", "legal_days", "promised_days", "fee_fen", "result")


def _bundle_item(item: dict[str, Any]) -> dict[str, Any]:
    register = item.pop("register")
    return {**item, **{name: register[name] for name in _OF_REGISTER}, "kind_of_item": register["kind"]}


def found(finding: Finding) -> dict[str, Any]:
    """Return what lint found."""
    return asdict(finding)
