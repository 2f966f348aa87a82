"""Every entry against the words of its source: a character that changes in either is a failure here."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from catalog.definitions import DefinitionFaultsError
from catalog.ledger.declarations import BUNDLES_FILE, load_declared, parties
from catalog.ledger.model import UNSTATED, Declared, Milestone
from catalog.ledger.standards import load_standards
from catalog.organisations import load_organisations
from tests.catalog.conftest import printed, source_text

DECLARED = load_declared()
BY_ID = {each.id: each for each in DECLARED}
TASKS = [each for each in DECLARED if each.kind == "task"]
BUNDLES = load_bundles()


def joined(text: str) -> str:
    """A document without its line and page breaks: sentences run across them."""
    return text.replace("\n", "")


CITY = joined(printed("xian-2024-60-tasks.txt"))
STEPS = joined(printed("weiyang-2021-1-steps.txt"))
ANNEXES = joined(printed("xian-2024-60-annexes.txt"))
SOURCES = {"xian-2024-60": CITY + ANNEXES, "weiyang-2021-1": STEPS}
MILESTONES = [(entry, each) for entry in DECLARED for each in entry.milestones]


def name_of(case: object) -> str:
    return case.id if isinstance(case, (Declared, Milestone)) else str(case)


def test_what_the_entries_are_held_against_is_what_the_documents_print() -> None:
    assert printed("xian-2024-60-tasks.txt") in source_text("xian-2024-60.txt")
    assert printed("weiyang-2021-1-steps.txt") in source_text("weiyang-2021-1.txt")
    assert printed("xian-2024-60-annexes.txt") in source_text("xian-2024-60.txt")


def test_the_ledger_has_29_tasks_41_bundles_3_steps_and_the_goals() -> None:
    assert Counter(each.kind for each in DECLARED) == {"task": 29, "bundle": 41, "step": 3, "goal": 1}
    assert [each.number for each in TASKS] == list(range(1, 30))
    assert {each.bundle for each in DECLARED if each.kind == "bundle"} == set(BUNDLES)
    assert len(BY_ID) == len(DECLARED)


@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_a_task_reads_as_it_is_printed(task: Declared) -> None:
    """Number, name, text, leads and responsible units put together again are the plan's own paragraph."""
    told = f"{task.number}. {task.name}。{task.text}(牵头单位：{task.lead_text}；责任单位：{task.responsible_text})"
    assert told.replace("(", "（").replace(")", "）") in CITY.replace("(", "（").replace(")", "）")
    assert "牵头单位" not in task.text


@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_a_task_stands_under_its_heading(task: Declared) -> None:
    headings = list(re.finditer(r"[（(][一二三四五六七][）)] ?([^。]{4,60}?)(?=\d+\. )", CITY))
    place = CITY.index(f"{task.number}. {task.name}。")
    assert task.section == [each[1] for each in headings if each.start() < place][-1]


@pytest.mark.parametrize(("entry", "milestone"), MILESTONES, ids=name_of)
def test_a_milestone_is_quoted_to_the_character(entry: Declared, milestone: Milestone) -> None:
    source = SOURCES[entry.source]
    assert milestone.quote in source
    assert milestone.name in milestone.quote
    for stated in (milestone.due_text, milestone.quantity_text):
        # “2024年、2025年、2026年…分别达到” states each year by itself.
        assert stated == UNSTATED or stated in milestone.quote
    if entry.text:
        assert milestone.quote in entry.text


@pytest.mark.parametrize(("entry", "milestone"), MILESTONES, ids=name_of)
def test_what_the_source_does_not_state_is_unstated_and_our_reading_says_so(
    entry: Declared, milestone: Milestone
) -> None:
    """No deadline is made up: a day stands only where the source dates the goal, and then a reading tells how."""
    dateless = milestone.due_text in (UNSTATED, "按时限") or bool(milestone.every)
    assert (milestone.due is None) == dateless
    assert milestone.due is None or (str(milestone.due.year) in milestone.due_text or "年份" in milestone.readings[0])
    assert milestone.due is None or milestone.readings, entry.id
    if milestone.quantity_text == UNSTATED:
        assert milestone.target is None or milestone.readings
    elif number := re.search(r"\d+", milestone.quantity_text):
        assert milestone.target == int(number[0])
    assert milestone.origin == "source"


def test_every_date_that_the_tasks_state_is_a_milestone() -> None:
    """What the plan dates and no milestone quotes would be a goal that nobody is held to."""
    for task in TASKS:
        dated = {each.replace(" ", "") for each in re.findall(r"20\d\d ?年底?", task.text)}
        quoted = "".join(each.quote for each in task.milestones).replace(" ", "")
        assert not [each for each in dated if each not in quoted], task.id


def test_the_figures_of_the_plan() -> None:
    told = {
        (entry.id.rpartition(".")[2], each.id): (each.target, each.unit, each.due)
        for entry, each in MILESTONES
        if each.target is not None
    }
    end = {year: date(year, 12, 31) for year in (2024, 2025, 2026)}
    assert told == {
        ("goals", "key-items"): (10, "项", end[2024]),
        ("goals", "yearly-batches"): (2, "批", end[2026]),
        ("task-2", "integrated-2024"): (70, "%", end[2024]),
        ("task-2", "integrated-2025"): (90, "%", end[2025]),
        ("task-2", "integrated-2026"): (100, "%", end[2026]),
        ("task-3", "network"): (100, "%", end[2024]),
        ("task-3", "stations"): (32, "个", end[2024]),
        ("task-12", "all-zones"): (100, "%", end[2025]),
        ("task-14", "catalogued"): (100, "%", end[2026]),
        ("task-14", "collected"): (100, "%", end[2026]),
        ("task-14", "shared"): (100, "%", end[2026]),
        ("task-22", "training"): (1, "次", None),
        ("task-22", "certified"): (100, "%", end[2024]),
        ("task-27", "meeting"): (1, "次", None),
        ("task-27", "dispatch"): (1, "次", None),
        ("task-29", "pilots"): (2, "个", None),
    }


def test_collective_names_stay_as_printed_and_the_register_knows_whom_it_can() -> None:
    task = BY_ID["xian-2024-60.task-2"]
    assert [(each.text, each.code) for each in task.responsible_parties] == [
        ("市数据局", "data-bureau"),
        ("市级相关单位", ""),
        ("各区政府", "district-governments"),
        ("西咸新区管委会", "xixian-new-area"),
        ("各开发区管委会", "development-zones"),
    ]
    named = {
        each.text for entry in TASKS for each in (*entry.lead_parties, *entry.responsible_parties) if not each.code
    }
    assert named == {"市级各相关单位", "市级相关单位"}


def test_units_of_a_printed_list() -> None:
    found = parties("市安居集团等市级相关单位，各区县政府", "xian-2024-60", load_organisations())
    assert [each.text for each in found] == ["市安居集团", "市级相关单位", "各区县政府"]
    assert parties(UNSTATED, "xian-2024-60", load_organisations()) == ()


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=lambda each: each.id)
def test_a_bundle_is_led_and_dated_as_its_list_says(bundle: object) -> None:
    entry = BY_ID[f"bundle.{bundle.id}"]  # type: ignore[attr-defined]
    assert entry.name == bundle.name  # type: ignore[attr-defined]
    assert [each.text for each in entry.lead_parties] == list(bundle.lead_names)  # type: ignore[attr-defined]
    due = [each.due for each in entry.milestones]
    assert due == [date(2024, 12, 31)] if entry.source == "xian-2024-60" else [date(2021, 4, 30), date(2021, 7, 31)]


def test_a_lead_that_no_source_names_is_an_acting_one() -> None:
    retirement = BY_ID["bundle.retirement"]
    assert (retirement.lead_text, retirement.acting_lead) == (UNSTATED, "human-resources")
    assert [each.id for each in DECLARED if each.acting_lead] == ["bundle.retirement"]


def test_the_three_standards_are_named_as_the_plan_names_them() -> None:
    standards = load_standards()
    assert standards.quote in CITY
    assert standards.keepers_quote in CITY
    assert "、".join(each.name for each in standards.standard) in standards.quote


def test_faults_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / BUNDLES_FILE).write_text(
        '[[list]]\nsource = "xian-2024-60"\nissued = 2024-08-02\nannex = 1\nmilestone = []\n', encoding="utf-8"
    )
    twice = '[[entry.milestone]]\nid = "m"\nname = "甲"\nquote = "甲"\nevery = "month"\n'
    entry = f'[[entry]]\nid = "x"\nkind = "task"\nname = "甲"\n{twice}{twice}'
    (tmp_path / "plan.toml").write_text(f'source = "s"\ndocument = "d"\nissued = 2024-08-02\n{entry}{entry}')
    with pytest.raises(DefinitionFaultsError) as broken:
        load_declared(tmp_path)
    told = str(broken.value)
    assert "the id 'x' stands more than once" in told
    assert "the milestone 'm' stands more than once" in told
    assert "has a target" in told
    assert "nothing says when the list of the bundle 'weiyang-newborn' is due" in told
