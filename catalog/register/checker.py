"""The usual faults of a catalogue entry, each with its field, reason, remedy and weight.

What Order 809 (政务数据共享条例) art. 13 to 15 demand are errors; resemblances, guesses and habits are warnings.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec

from catalog.name_likeness import likeness, normalised
from catalog.register.changes import LEGAL_BASIS, ORGANISATION, RESOURCE, SYSTEM, Lookup, State
from catalog.register.checker_items import item_faults
from catalog.register.codes import ENTRY_CODE, CodeFault, read_code
from catalog.register.entry_fault import EntryFault, error, warning
from catalog.register.guideline_words import CARRIED_BY, format_of, means_of
from catalog.register.model import UNSTATED, Resource

ALIKE: Final = 0.85
"""From this degree on two names are held to be near-duplicates: one letter of seven is other."""
SHORTEST_SUMMARY: Final = 6
_SYSTEM_SUFFIXES: Final = ("系统", "平台", "数据库", "APP", "app", "小程序")


class Neighbour(msgspec.Struct, frozen=True):
    """Another entry, as far as names and codes go; ``plain`` is its name without what people write differently."""

    name: str
    plain: str
    provider: str
    catalogue_code: str


class Surroundings(msgspec.Struct, frozen=True):
    """What an entry is held against.

    Attributes:
        entries: every other entry that is not withdrawn, by its code.
        systems: code → name of every system.
        organisations: codes of every organisation.
        legal_bases: id → (in force from, in force until or None), dates ``YYYY-MM-DD``.
        day: the day on which the entry is judged, ``YYYY-MM-DD``; ``""`` judges no date.
    """

    entries: Mapping[str, Neighbour] = MappingProxyType({})
    systems: Mapping[str, str] = MappingProxyType({})
    organisations: frozenset[str] = frozenset()
    legal_bases: Mapping[str, tuple[str, str | None]] = MappingProxyType({})
    day: str = ""


def surroundings(lookup: Lookup, day: str) -> Surroundings:
    """What the register holds around an entry, as a rule sees it."""
    return surroundings_of(lookup.find, day)


def surroundings_of(find: Callable[[Any], Iterable[State]], day: str) -> Surroundings:
    """What is found of each kind of entity, as an entry is held against it."""
    standing = [each for each in find(RESOURCE) if each["state"] != "withdrawn"]
    return Surroundings(
        entries={
            each["code"]: Neighbour(each["name"], normalised(each["name"]), each["provider"], each["catalogue_code"])
            for each in standing
        },
        systems={each["code"]: each["name"] for each in find(SYSTEM)},
        organisations=frozenset(each["code"] for each in find(ORGANISATION) if not each["withdrawn"]),
        legal_bases={
            each["id"]: (each["in_force_from"], each["in_force_until"])
            for each in find(LEGAL_BASIS)
            if not each["withdrawn"]
        },
        day=day,
    )


def check(entry: Resource, around: Surroundings) -> tuple[EntryFault, ...]:
    """Return every fault of an entry, in the order of its fields."""
    return tuple(fault for rule in _CHECKS for fault in rule(entry, around))


def errors_of(faults: Iterable[EntryFault]) -> tuple[EntryFault, ...]:
    """Those that keep an entry from being submitted."""
    return tuple(fault for fault in faults if fault.severity == "error")


_Found = Iterator[EntryFault]


def _code(entry: Resource, around: Surroundings) -> _Found:
    del around
    if ENTRY_CODE.fullmatch(entry.code) is None:
        yield error(
            "code",
            f"资源标识“{entry.code}”不是“部门.名称”的形式",
            f"the code {entry.code!r} is not of the form department.name",
            "由部门代码、“.”和小写字母、数字、连字符组成的名称构成",
            "write the department's code, a dot, and a name of lower-case letters, digits and hyphens",
        )
    elif entry.code.partition(".")[0] != entry.provider:
        yield error(
            "code",
            f"资源标识“{entry.code}”与提供方“{entry.provider}”不一致",
            f"the code {entry.code!r} is not of the provider {entry.provider!r}",
            "以提供方的代码开头",
            "begin the code with the provider's",
        )


def _catalogue_code(entry: Resource, around: Surroundings) -> _Found:
    if not entry.catalogue_code:
        yield warning(
            "catalogue_code",
            "没有信息资源代码",
            "there is no catalogue code",
            "按编制指南填写类、项、目、细目；顺序码可在发布时生成",
            "write class, item, group and detail; the sequence may be given at publication",
        )
        return
    read = read_code(entry.catalogue_code)
    if isinstance(read, CodeFault):
        yield error(
            "catalogue_code",
            f"信息资源代码“{entry.catalogue_code}”：{read.reason}",
            f"the catalogue code {entry.catalogue_code!r}: {read.reason_en}",
            "按“类1位·项2位·目3位·细目/顺序码”填写，例如 301001/000001",
            "write 1 digit, 2, 3, any, a slash and a sequence, such as 301001/000001",
        )
        return
    for code, other in around.entries.items():
        if code != entry.code and read.sequence and other.catalogue_code == entry.catalogue_code:
            yield error(
                "catalogue_code",
                f"信息资源代码“{entry.catalogue_code}”已由“{code}”使用",
                f"the catalogue code {entry.catalogue_code!r} is that of {code!r}",
                "换用未使用的顺序码",
                "take a sequence of its own",
            )


def _name(entry: Resource, around: Surroundings) -> _Found:
    plain = normalised(entry.name)
    if not plain:
        yield _missing("name", "信息资源名称", "name")
        return
    systems = [code for code, name in around.systems.items() if normalised(name) == plain]
    if systems:
        yield error(
            "name",
            f"名称“{entry.name}”是系统“{systems[0]}”的名称",
            f"the name is that of the system {systems[0]!r}",
            "以数据的内容命名，例如“企业登记信息”",
            "name the entry after its content",
        )
    elif entry.name.endswith(_SYSTEM_SUFFIXES):
        yield warning(
            "name",
            f"名称“{entry.name}”像是系统的名称",
            "the name looks like that of a system",
            "以数据的内容命名，例如“企业登记信息”",
            "name the entry after its content",
        )
    yield from _alike(entry, plain, around)


def _alike(entry: Resource, plain: str, around: Surroundings) -> _Found:
    for code, other in around.entries.items():
        if code == entry.code:
            continue
        if other.plain == plain and other.provider == entry.provider:
            yield error(
                "name",
                f"同一提供方已有同名资源“{code}”",
                f"the provider has an entry of this name: {code!r}",
                "合并为一条，或以不同的名称区分",
                "make them one entry, or tell them apart by their names",
            )
        elif _may_be_alike(plain, other.plain) and likeness(plain, other.plain, ALIKE):
            yield warning(
                "name",
                f"名称与“{other.name}”（{code}）相近",
                f"the name is close to that of {code!r}",
                "核对是否重复编目；一数一源",
                "see whether it is the same data: one source for each datum",
            )


def _may_be_alike(name: str, other: str) -> bool:
    """Whether their lengths alone let them be so: it spares almost all comparisons."""
    shorter, longer = sorted((len(name), len(other)))
    return shorter > 0 and shorter >= longer * ALIKE


def _provider(entry: Resource, around: Surroundings) -> _Found:
    if not entry.provider or entry.provider == UNSTATED:
        yield _missing("provider", "信息资源提供方", "provider")
    elif entry.provider not in around.organisations:
        yield error(
            "provider",
            f"没有登记机构“{entry.provider}”",
            f"no organisation {entry.provider!r} is registered",
            "填写已登记机构的代码，见 onething catalog list organisation",
            "name a registered organisation, see: onething catalog list organisation",
        )
    if entry.system is not None and entry.system not in around.systems:
        yield error(
            "system",
            f"没有登记系统“{entry.system}”",
            f"no system {entry.system!r} is registered",
            "先登记系统，或留空",
            "register the system first, or leave it out",
        )


def _summary(entry: Resource, around: Surroundings) -> _Found:
    del around
    if not entry.summary.strip():
        yield _missing("summary", "信息资源摘要", "summary")
    elif normalised(entry.summary) == normalised(entry.name) or len(entry.summary.strip()) < SHORTEST_SUMMARY:
        yield warning(
            "summary",
            "摘要没有说明名称以外的内容",
            "the summary says no more than the name",
            "说明数据的内容、范围和来源",
            "say what the data is about, of whom and from where",
        )


def _format(entry: Resource, around: Surroundings) -> _Found:
    del around
    kind = None if entry.format == UNSTATED else format_of(entry.format)
    if entry.format in ("", UNSTATED):
        yield _missing("format", "信息资源格式", "format")
    elif kind is None:
        yield warning(
            "format",
            f"格式“{entry.format}”不是编制指南列举的格式",
            f"the format {entry.format!r} is none that the guideline names",
            "填写数据库、电子表格、电子文件、图形图像、流媒体或自描述格式",
            "name a database, spreadsheet, document, image, stream or self-describing format",
        )
    for means in entry.sharing_means:
        word = means_of(means)
        if word is None:
            yield warning(
                "sharing_means",
                f"共享方式“{means}”不是编制指南列举的方式",
                f"the means {means!r} is none that the guideline names",
                "填写库表、接口、文件、消息或介质",
                "name a table, interface, file, message or medium",
            )
        elif kind is not None and kind not in CARRIED_BY.get(word, (kind,)):
            yield error(
                "sharing_means",
                f"格式“{entry.format}”不能以“{means}”方式共享",
                f"the format {entry.format!r} cannot be shared by {means!r}",
                f"“{word}”方式用于：{'、'.join(CARRIED_BY[word])}；请更正格式或方式",
                "correct the format or the means: tables carry databases and spreadsheets",
            )


def _sharing(entry: Resource, around: Surroundings) -> _Found:
    if entry.sharing_class == UNSTATED:
        yield _missing("sharing_class", "共享类型", "sharing class")
    elif entry.sharing_class == "withheld":
        yield from _withheld(entry)
    elif not entry.sharing_means:
        yield _missing("sharing_means", "共享方式", "means of sharing")
    if entry.sharing_class == "conditional":
        yield from _conditional(entry)
    if entry.negative_list and entry.sharing_class == "unconditional":
        yield warning(
            "negative_list",
            "列入负面清单，却为无条件共享",
            "the entry stands on the negative list and is shared unconditionally",
            "核对共享类型或负面清单",
            "correct the sharing class or the list",
        )
    yield from _legal_bases(entry, around)


def _withheld(entry: Resource) -> _Found:
    for field, value, word, word_en in (
        ("legal_basis", entry.legal_basis, "依据", "legal basis"),
        ("withheld_reason", entry.withheld_reason.strip(), "理由", "reason"),
    ):
        if not value:
            yield error(
                field,
                f"不予共享没有{word}（第809号令第十四、十五条）",
                f"the entry is withheld without a {word_en} (Order 809 art. 14, 15)",
                "写明法律、行政法规或者国务院决定的依据和理由，或改为有条件共享",
                "state the law, regulation or decision and the reason, or share it on conditions",
            )


def _conditional(entry: Resource) -> _Found:
    for field, value, word, word_en in (
        ("scope_of_use", entry.scope_of_use, "使用范围", "scope of use"),
        ("conditions_of_use", entry.conditions_of_use, "共享条件", "conditions of use"),
    ):
        if not value.strip():
            yield error(
                field,
                f"有条件共享没有写明{word}（第809号令第十四、十五条）",
                f"the entry is shared on conditions without its {word_en} (Order 809 art. 14, 15)",
                f"写明{word}",
                f"state the {word_en}",
            )


def _legal_bases(entry: Resource, around: Surroundings) -> _Found:
    for number, basis in enumerate(entry.legal_basis):
        field = f"legal_basis[{number}]"
        dates = around.legal_bases.get(basis)
        if dates is None:
            yield error(
                field,
                f"没有登记依据“{basis}”",
                f"no legal basis {basis!r} is registered",
                "先登记依据，见 onething catalog list legal-basis",
                "register it first, see: onething catalog list legal-basis",
            )
        elif around.day and not (dates[0] <= around.day and (dates[1] is None or around.day < dates[1])):
            yield error(
                field,
                f"依据“{basis}”在 {around.day} 未施行或已失效",
                f"the legal basis {basis!r} is not in force on {around.day}",
                "换用现行有效的依据",
                "name one that is in force",
            )


def _keeping(entry: Resource, around: Surroundings) -> _Found:
    del around
    if entry.update_cycle_days is None:
        yield _missing("update_cycle_days", "更新周期", "update cycle")
    if entry.classification in ("", UNSTATED):
        yield _missing("classification", "分类分级", "classification")


def _items(entry: Resource, around: Surroundings) -> _Found:
    del around
    if not entry.data_items:
        yield _missing("data_items", "信息项", "data items")
    yield from item_faults(entry)


def _missing(field: str, word: str, word_en: str) -> EntryFault:
    return error(
        field,
        f"没有{word}（第809号令第十三条）",
        f"there is no {word_en} (Order 809 art. 13)",
        f"填写{word}",
        f"state the {word_en}",
    )


_CHECKS: Final = (_code, _catalogue_code, _name, _provider, _summary, _items, _format, _sharing, _keeping)
