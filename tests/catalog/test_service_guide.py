"""Guides are generated: from one elaborated item by hand to the letter, from every real item and bundle in form."""

import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from catalog.bundle_documents import bundle_guide_document, bundle_instruction_document
from catalog.bundle_guide import BundleGuide, BundleGuideItem, bundle_guide, longest
from catalog.bundles import Bundle, load_bundles
from catalog.documents import Document, Section, Table, chinese_number, html, markdown
from catalog.guide_documents import guide_document, instruction_document
from catalog.item_uses import ItemUse
from catalog.items import load_items
from catalog.service_guide import ELEMENTS, GuideBook, ServiceGuide, load_guide_book

GUIDES = Path(__file__).parent / "guides"
BOOK = load_guide_book()
ELABORATED = "610131002000"
USE = ItemUse("restaurant-opening", "开办餐饮店“一件事”", 2, "食品经营许可", ("market-regulation",))


@pytest.fixture
def by_hand(tmp_path: Path) -> GuideBook:
    text = (GUIDES / "register.toml").read_text(encoding="utf-8")
    (tmp_path / "market-regulation.toml").write_text(text, encoding="utf-8")
    return replace(BOOK, items=load_items(tmp_path), uses={ELABORATED: (USE,)})


def test_the_guide_of_an_elaborated_item_to_the_letter(by_hand: GuideBook) -> None:
    written = markdown(guide_document(by_hand.guide(ELABORATED)))
    assert written == (GUIDES / "food-licence.guide.md").read_text(encoding="utf-8")


def test_the_instruction_of_an_elaborated_item_to_the_letter(by_hand: GuideBook) -> None:
    written = markdown(instruction_document(by_hand.guide(ELABORATED)))
    assert written == (GUIDES / "food-licence.instruction.md").read_text(encoding="utf-8")


def test_what_is_unstated_is_said_and_nothing_is_made_up(by_hand: GuideBook) -> None:
    guide = by_hand.guide("610131005000")
    assert guide.unstated == tuple(each for each in ELEMENTS if each != "organisations")
    told = {each.heading: each for each in guide_document(guide).sections}
    for heading in ("设定依据", "服务对象", "受理条件", "申请材料", "申请表填报内容", "收费", "办理结果"):
        assert (told[heading].lines, told[heading].tables, told[heading].ours) == (("来源未载明",), (), False)
    assert told["办理时限"].tables[0].rows == (("法定办结时限", "来源未载明"), ("承诺办结时限", "来源未载明"))


def test_an_empty_list_says_none_and_not_unstated(by_hand: GuideBook) -> None:
    guide = by_hand.guide("610131006000")
    told = {each.heading: each.lines for each in guide_document(guide).sections}
    assert (told["申请材料"], told["受理条件"], told["设定依据"]) == (("无需提交材料",), ("无",), ("无",))
    assert told["申请表填报内容"] == ("无需填报",)
    assert "materials" not in guide.unstated


def test_a_check_is_not_applied_for_by_itself(by_hand: GuideBook) -> None:
    guide = by_hand.guide("619031001000")
    (procedure,) = (each for each in guide_document(guide).sections if each.heading == "办理流程")
    assert procedure.lines[0].startswith("申请人不必单独申请")
    sections = {each.heading: each for each in instruction_document(guide).sections}
    assert "可以作出的决定" not in sections
    assert ("无此主体", "没有这个企业或者个人的登记") in sections["可以作出的答复"].tables[0].rows
    asked = sections["核查内容"]
    assert asked.tables[0].rows == (
        (
            "市市场监管局",
            "由平台从档案答复，档案不能答复时转人工",
            "市场监管领域行政处罚信息",
            "核查期内作出、未修复且未撤销的处罚决定",
        ),
    )


DOCUMENTS = [guide_document, instruction_document]


@pytest.mark.parametrize("of_item", DOCUMENTS, ids=["guide", "instruction"])
def test_every_item_has_its_documents(of_item: object) -> None:
    for item in BOOK.items:
        assert callable(of_item)
        check(of_item(BOOK.guide(item.code)))


@pytest.mark.parametrize("bundle", load_bundles().values(), ids=load_bundles().keys())
def test_every_bundle_has_its_documents(bundle: Bundle) -> None:
    guide = bundle_guide(BOOK, bundle)
    for document in (bundle_guide_document(guide), bundle_instruction_document(guide)):
        check(document)
        assert all(item.text in markdown(document).replace("\\", "") for item in bundle.items)


def check(document: Document) -> None:
    """What holds in every document: whole tables, no gaps, the same words in Markdown and in HTML."""
    for section in document.sections:
        assert section.lines or section.tables, section.heading
        for table in section.tables:
            assert {len(row) for row in table.rows} <= {len(table.headings)}
            assert all(cell for row in table.rows for cell in row), section.heading
    text = markdown(document)
    assert text.endswith("\n")
    assert "None" not in text
    page = Page()
    page.feed(html(document))
    assert page.open_tags == []
    assert page.letters == letters(text)


class Page(HTMLParser):
    """The letters of a page, and whether every tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open_tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag not in ("meta", "br"):
            self.open_tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open_tags and "title" not in self.open_tags:
            self.text += data

    @property
    def letters(self) -> str:
        return letters(self.text)


def letters(text: str) -> str:
    text = re.sub(r"^\d+\. ", "", text.replace("<br>", ""), flags=re.MULTILINE)
    return "".join(re.findall(r"[^\W_]", text))


def test_nothing_that_a_definition_says_is_markup() -> None:
    document = Document("<b>标题</b>", "*副题*", (Section("节", ("a | b", "<script>x</script>")),))
    document = replace(document, sections=(*document.sections, Section("表", tables=(Table(("列",), (("a|b\nc",),)),))))
    assert "<script>" not in html(document)
    assert "&lt;script&gt;" in html(document)
    assert r"\<b\>标题\</b\>" in markdown(document)
    assert r"| a\|b<br>c |" in markdown(document)


@pytest.mark.parametrize(("value", "written"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_headings_count_in_chinese(value: int, written: str) -> None:
    assert chinese_number(value) == written


def test_a_material_and_a_field_are_asked_for_once_however_many_items_need_them() -> None:
    guide = bundle_guide(BOOK, load_bundles()["restaurant-opening"])
    for asked in (guide.materials, guide.fields):
        ids = [each.material.id if each.material else each.field.id if each.field else "" for each in asked]
        assert len(ids) == len(set(ids)) > 0
    (licence,) = (each for each in guide.materials if each.material and each.material.id == "business-licence")
    assert len(licence.items) > 1


def items(*terms: tuple[int, int | None, tuple[int, ...]]) -> list[BundleGuideItem]:
    usual = bundle_guide(BOOK, load_bundles()["restaurant-opening"]).items[1]
    return [
        replace(usual, number=number, after=after, register=replace(usual.register, legal_days=days))
        for number, days, after in terms
    ]


@pytest.mark.parametrize(
    ("terms", "days", "unstated"),
    [
        ([(1, 5, ()), (2, 7, ())], 7, ()),
        ([(1, 5, ()), (2, 7, (1,)), (3, 6, ())], 12, ()),
        ([(1, 5, ()), (2, None, (1,)), (3, 4, (2,))], 9, (2,)),
        ([(1, None, ())], None, (1,)),
    ],
)
def test_the_whole_takes_as_long_as_its_longest_way(
    terms: list[tuple[int, int | None, tuple[int, ...]]], days: int | None, unstated: tuple[int, ...]
) -> None:
    total = longest(items(*terms), lambda item: item.register.legal_days)
    assert (total.value, total.unstated) == (days, unstated)


def test_the_elements_are_members_of_the_guide() -> None:
    assert set(ELEMENTS) <= {field.name for field in fields(ServiceGuide)}
    assert {"legal_days", "promised_days", "fee_fen"} <= {field.name for field in fields(BundleGuide)}
