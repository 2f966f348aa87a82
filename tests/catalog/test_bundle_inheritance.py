"""District editions: what they leave out is their city bundle's, what differs is told."""

from dataclasses import replace

from catalog.bundle_file import BundleFile, Choice, Delivery, IntegerParameter, ItemLine, Situation
from catalog.bundle_inheritance import Difference, differences, inherit
from catalog.bundles import load_bundles

PARENT = BundleFile(
    id="city",
    version=1,
    name="甲“一件事”",
    source="s",
    document="d",
    number=1,
    subject="person",
    lead_text="★甲局",
    items=(
        ItemLine(1, "c1", "申请", id="apply", kind="handling"),
        ItemLine(2, "c2", "登记", id="register", kind="joint", after=(1, 3)),
        ItemLine(3, "c3", "缴费", id="pay", kind="payment"),
    ),
    repeatable=True,
    deadline_s=IntegerParameter(90, 30, 100),
    delivery=Delivery(together=False),
    situations=(
        Situation("kept", "？", (Choice("a", "甲", (2,)), Choice("b", "乙", (3,)))),
        Situation("gone", "？", (Choice("a", "甲", (3,)), Choice("b", "乙", ()))),
    ),
)
EDITION = BundleFile(
    id="district",
    version=1,
    name="甲一件事",
    source="t",
    document="e",
    number=1,
    subject="person",
    extends="city",
    items=(
        ItemLine(1, "d1", "登记", parent=2),
        ItemLine(2, "c1", "申请", parent=1, id="ask"),
        ItemLine(3, "d3", "送达", id="deliver", kind="handling"),
    ),
)


def test_what_an_edition_leaves_out_is_its_parents() -> None:
    whole = inherit(EDITION, PARENT)
    assert (whole.repeatable, whole.deadline_s, whole.delivery) == (True, PARENT.deadline_s, PARENT.delivery)
    assert (whole.name, whole.source, whole.lead_text, whole.baseline) == ("甲一件事", "t", "", None)
    assert [(item.id, item.kind, item.after) for item in whole.items] == [
        ("register", "joint", (2,)),
        ("ask", "handling", None),
        ("deliver", "handling", None),
    ]


def test_what_an_edition_says_stands() -> None:
    own = replace(EDITION, repeatable=False, delivery=Delivery(), situations=())
    whole = inherit(own, PARENT)
    assert (whole.repeatable, whole.delivery, whole.situations) == (False, Delivery(), ())


def test_the_parents_questions_select_the_editions_items() -> None:
    (kept,) = inherit(EDITION, PARENT).situations or ()
    assert [(choice.id, choice.items) for choice in kept.choices] == [("a", (1,)), ("b", ())]


def test_differences_are_visible() -> None:
    assert list(differences(EDITION, PARENT)) == [
        Difference("name", "甲“一件事”", "甲一件事"),
        Difference("lead", "★甲局", ""),
        Difference("item", "缴费", ""),
        Difference("item", "", "送达"),
    ]


def test_three_district_bundles_have_a_city_bundle_as_parent() -> None:
    parents = {bundle.id: bundle.extends for bundle in load_bundles().values() if bundle.extends}
    assert parents == {
        "weiyang-newborn": "newborn",
        "weiyang-enterprise-closing": "enterprise-deregistration",
        "weiyang-utility-connection": "utility-connection",
    }
    assert all(load_bundles()[edition].differences for edition in parents)


def test_what_was_elaborated_for_the_parents_item_holds_for_the_editions() -> None:
    bundles = load_bundles()
    for item in bundles["weiyang-newborn"].items:
        if item.parent is not None:
            parent = bundles["newborn"].items[item.parent - 1]
            assert item.registered.elaborated == parent.registered.elaborated
            assert item.registered.code == item.code


def test_an_edition_promises_nothing_about_materials_that_it_does_not_ask_for() -> None:
    edition = load_bundles()["weiyang-newborn"]
    asked = {material for item in edition.items if (said := item.registered.elaborated) for material in said.materials}
    assert {commitment.material for commitment in edition.commitments} <= asked
