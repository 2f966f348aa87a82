"""What is doubtful in the item register: differences between units, names that may be one, elements that disagree.

What does not hold together at all is refused when the register is loaded; what is found here can be loaded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from catalog.definition_lines import located
from catalog.definitions import Fault
from catalog.item_uses import ItemUse
from catalog.item_words import SUBJECT_WORDS, UNSTATED_WORDS, days_words, fee_words
from catalog.items import Elaborated, ItemRegister, RegisteredItem, UnitDifference
from catalog.name_likeness import likeness, normalised
from catalog.service_guide import GuideBook

Severity = Literal["fault", "hint"]


@dataclass(frozen=True)
class Finding:
    """Something found in the register.

    Attributes:
        severity: ``fault`` must be mended; ``hint`` is for a person to judge.
        code: stable kebab-case name of what was found.
        item: code of the item, empty where no item is meant.
        place: file and line, as ``market-regulation.toml:12``.
        text: what was found, in Chinese.
    """

    severity: Severity
    code: str
    item: str
    place: str
    text: str


@dataclass(frozen=True)
class _Found:
    severity: Severity
    code: str
    inner: str
    text: str


def lint_items(book: GuideBook) -> tuple[Finding, ...]:
    """Return everything found in the register, in the order of the items' codes; faults of one item first."""
    found = [finding for item in book.items for finding in _findings(book, item)]
    return (*found, *_of_whole_register(book))


def of_faults(faults: Iterable[Fault]) -> tuple[Finding, ...]:
    """Return what keeps a register from being loaded, as findings."""
    return tuple(
        Finding("fault", "does-not-hold", "", each.file if each.line is None else f"{each.file}:{each.line}", told)
        for each in faults
        if (told := f"{each.place}: {each.reason}")
    )


def _findings(book: GuideBook, item: RegisteredItem) -> Iterator[Finding]:
    rules = (_unit_differences, _bundle_differences, _code_and_kind, _times_and_fee, _result, _check, _origin)
    found = chain.from_iterable(rule(book, item) for rule in rules)
    for each in sorted(found, key=lambda each: each.severity):
        yield Finding(each.severity, each.code, item.code, _place(book.items, item, each.inner), each.text)


def _place(items: ItemRegister, item: RegisteredItem, inner: str) -> str:
    written = items.places[item.code]
    place = f"item[{written.at}]" + (f".{inner}" if inner else "")
    fault = next(located([Fault(written.path.name, place, "")], written.path))
    return f"{fault.file}:{fault.line}"


Element = tuple[str, str, Callable[[Elaborated], object], Callable[[UnitDifference], object]]

#: What city plan task 20 wants uniform in the whole city, then what a unit may promise by itself.
ELEMENTS: Final[tuple[Element, ...]] = (
    ("conditions", "受理条件", lambda said: tuple(each.text for each in said.conditions), lambda unit: unit.conditions),
    ("audience", "服务对象", lambda said: said.audience, lambda unit: unit.audience),
    ("working_steps", "办理流程", lambda said: said.working_steps, lambda unit: unit.working_steps),
    ("materials", "申请材料", lambda said: said.materials, lambda unit: unit.materials),
    ("legal_days", "法定办结时限", lambda said: said.legal_days, lambda unit: unit.legal_days),
    ("promised_days", "承诺办结时限", lambda said: said.promised_days, lambda unit: unit.promised_days),
    ("fee_fen", "收费", lambda said: said.fee_fen, lambda unit: unit.fee_fen),
)


def _unit_differences(book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    said = item.elaborated
    for at, unit in enumerate(said.units if said else ()):
        assert said is not None  # noqa: S101  it has units
        name = book.organisations.by_code[unit.organisation].name
        differences = [each for each in ELEMENTS if each[3](unit) not in (None, _registered(said, each))]
        inner = f"elaborated.units[{at}]"
        if not differences:
            yield _Found("fault", "unit-says-the-same", inner, f"{name}的做法与事项库没有不同，应删去")
        for each in differences:
            told = f"{_written(book, each, _registered(said, each))}；{name}：{_written(book, each, each[3](unit))}"
            yield _Found("hint", "unit-differs", f"{inner}.{each[0]}", f"{each[1]}不一致。事项库：{told}")


def _registered(said: Elaborated, element: Element) -> object:
    return element[2](said) if element[0] in said.stated else None


def _written(book: GuideBook, element: Element, value: object) -> str:
    if value is None:
        return UNSTATED_WORDS
    if isinstance(value, int):
        return fee_words(value) if element[0] == "fee_fen" else days_words(value)
    assert isinstance(value, tuple)  # noqa: S101  every other element is a list of texts
    return "、".join(_name(book, element, each) for each in value) or "无"


def _name(book: GuideBook, element: Element, text: str) -> str:
    if element[0] == "materials":
        return book.materials[text].name
    return SUBJECT_WORDS.get(text, text) if element[0] == "audience" else text


def _bundle_differences(book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    uses = book.uses.get(item.code, ())
    if not uses:
        yield _Found("hint", "not-in-any-bundle", "", f"“{item.name}”不在任何“一件事”中")
    for use in uses:
        if use.text not in item.names:
            told = f"{use.bundle_name}第{use.number}项写作“{use.text}”，事项库的名称和别名中没有这种写法"
            yield _Found("fault", "text-differs", "name", told)
        if use.departments and set(use.departments) != set(item.organisations):
            yield _Found("hint", "organisations-differ", "organisations", _organisations_told(book, item, use))
    for alias in item.aliases:
        if uses and alias not in {use.text for use in uses}:
            yield _Found("hint", "alias-unused", "aliases", f"别名“{alias}”没有在任何“一件事”中出现")


def _organisations_told(book: GuideBook, item: RegisteredItem, use: ItemUse) -> str:
    def told(codes: Iterable[str]) -> str:
        return "、".join(book.organisations.by_code[code].name for code in codes) or UNSTATED_WORDS

    here, there = told(item.organisations), told(use.departments)
    return f"实施单位不一致。事项库：{here}；{use.bundle_name}第{use.number}项：{there}"


#: The kind's digits in a basic code (places 3 and 4); 90 and above are ours, for what is no item of the catalogue.
KIND_DIGITS: Final[Mapping[str, tuple[str, ...]]] = {
    "licensing": ("01",),
    "levy": ("04",),
    "benefit": ("05",),
    "confirmation": ("07",),
    "award": ("08",),
    "filing": ("10",),
    "other-power": ("10",),
    "public-service": ("20",),
    "information-check": ("90",),
    "coordination": ("91",),
    "unstated": ("99",),
}
_KIND_PLACES: Final = slice(2, 4)
_MAIN_LENGTH: Final = 9


def _code_and_kind(_book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    if item.code[_KIND_PLACES] not in KIND_DIGITS[item.kind]:
        due = "、".join(KIND_DIGITS[item.kind])
        yield _Found("fault", "kind-in-code", "code", f"编码第 3、4 位是 {item.code[_KIND_PLACES]}，类型应为 {due}")
    if item.variant_of and item.variant_of[:_MAIN_LENGTH] != item.code[:_MAIN_LENGTH]:
        yield _Found("fault", "main-in-code", "variant_of", f"子项与主项 {item.variant_of} 的前 9 位不同")


def _times_and_fee(_book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    said = item.elaborated
    if said is None:
        return
    stated: list[tuple[str, Elaborated | UnitDifference]] = [("elaborated", said)]
    stated += [(f"elaborated.units[{at}]", unit) for at, unit in enumerate(said.units)]
    for inner, each in stated:
        legal = said.legal_days if each.legal_days is None else each.legal_days
        if legal is not None and each.promised_days is not None and each.promised_days > legal:
            told = f"承诺 {each.promised_days} 个工作日，长于法定 {legal} 个工作日"
            yield _Found("fault", "promise-beyond-law", f"{inner}.promised_days", told)
    if said.fee_fen and not said.fee_basis:
        yield _Found("fault", "fee-without-basis", "elaborated.fee_fen", "收费没有写明依据")
    if item.kind == "licensing" and not said.legal_basis:
        yield _Found("hint", "licensing-without-basis", "elaborated", "行政许可没有写明设定依据")


def _result(book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    said = item.elaborated
    if said is None or said.result is None or said.result.resource is None:
        return
    department = book.resources.by_code[said.result.resource].department
    if item.organisations and department not in item.organisations:
        told = f"结果归入 {said.result.resource}，该数据资源不属于实施单位"
        yield _Found("hint", "result-of-another", "elaborated.result", told)


def _check(_book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    if item.kind == "information-check" and item.check is None:
        yield _Found("hint", "nobody-answers", "", "信息核查没有写明由谁答复")


def _origin(_book: GuideBook, item: RegisteredItem) -> Iterator[_Found]:
    if item.elaborated is not None and item.elaborated.origin != "ours":
        yield _Found("fault", "origin-unmarked", "elaborated", '补充的要素没有标明由平台编制（origin = "ours"）')
    for at, condition in enumerate(item.elaborated.conditions if item.elaborated else ()):
        for code in condition.reads:
            if condition.cel is None or code not in condition.cel:
                told = f"条件“{condition.text}”声明读取 {code}，规则中没有用到"
                yield _Found("hint", "read-unused", f"elaborated.conditions[{at}]", told)


def _of_whole_register(book: GuideBook) -> Iterator[Finding]:
    yield from _alike(book.items)
    asked = {each for item in book.items if item.elaborated for each in item.elaborated.fields}
    brought = {each for item in book.items if item.elaborated for each in item.elaborated.materials}
    for id_, field in book.fields.items():
        if id_ not in asked:
            yield Finding(
                "hint", "field-unused", "", "form_fields.toml", f"没有事项使用填报内容“{field.name}”（{id_}）"
            )
    for id_, material in book.materials.items():
        if id_ not in brought:
            yield Finding(
                "hint", "material-unused", "", "materials.toml", f"没有事项使用材料“{material.name}”（{id_}）"
            )


#: Two names at least so alike are shown to a person: two characters of fourteen may differ, as 查询 and 核查 do.
LIKE_ENOUGH: Final = 0.85


def _alike(items: ItemRegister) -> Iterator[Finding]:
    named = [(item, tuple(normalised(name) for name in item.names)) for item in items]
    for at, (item, names) in enumerate(named):
        for other, other_names in named[at + 1 :]:
            if _main(item) == _main(other):
                continue
            degree = _likeness(names, other_names)
            if degree >= LIKE_ENOUGH:
                yield _alike_told(items, item, other, equal=degree == 1)


def _main(item: RegisteredItem) -> str:
    return item.variant_of or item.code


def _likeness(names: Sequence[str], others: Sequence[str]) -> float:
    return max(likeness(name, other, LIKE_ENOUGH) for name in names for other in others)


def _alike_told(items: ItemRegister, item: RegisteredItem, other: RegisteredItem, *, equal: bool) -> Finding:
    names = f"“{item.name}”（{item.code}）与“{other.name}”（{other.code}）"
    told = f"{names}名称{'相同' if equal else '相近'}，请核对是否同一事项"
    code = "same-name" if equal else "like-name"
    return Finding("fault" if equal else "hint", code, other.code, _place(items, other, "name"), told)
