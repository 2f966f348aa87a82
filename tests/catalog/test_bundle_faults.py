"""Faults planted into definition files, one of each class: all are named at once, with file and line."""

import shutil
from pathlib import Path

import pytest

from catalog.bundles import BUNDLES_FOLDER, bundle_folder_faults, load_bundles
from catalog.definitions import DefinitionFaultsError
from catalog.routes import ROUTES_FILE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The project's own definitions and routes, to plant faults in."""
    shutil.copy(ROUTES_FILE, tmp_path)
    return Path(shutil.copytree(BUNDLES_FOLDER, tmp_path / "bundles"))


def plant(path: Path, good: str, bad: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(good) == 1, (path.name, good, text.count(good))
    path.write_text(text.replace(good, bad), encoding="utf-8")


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return 1 + next(at for at, line in enumerate(lines) if text in line)


def told(folder: Path) -> list[str]:
    return [str(fault) for fault in bundle_folder_faults(folder)]


def test_the_projects_own_definitions_hold(folder: Path) -> None:
    assert told(folder) == []
    assert load_bundles(folder) == load_bundles()


LISTING = "listing-compliance"
WEIYANG = "weiyang-road-excavation"


@pytest.mark.parametrize(
    ("bundle", "good", "bad", "place", "reason"),
    [
        (
            LISTING,
            'id = "listing-compliance"',
            'id = "listing"',
            "id",
            "is 'listing', the file is called 'listing-compliance'",
        ),
        (LISTING, "version = 1", "version = 0", "version", "is 0, at least 1 is due"),
        (
            LISTING,
            'leads = ["industry-and-information"]',
            'leads = ["science"]',
            "leads",
            "are ['science'], but lead_text prints ['industry-and-information']",
        ),
        (LISTING, "minimum = 30", "minimum = 20", "deadline_s", "the minimum is 20, at least 30 is due"),
        (LISTING, "default = 60", "default = 6", "deadline_s", "the default 6 is outside 30 to 86400"),
        (LISTING, "number = 3\n", "number = 30\n", "items", "the numbers are not 1, 2, 3, …"),
        (LISTING, 'id = "ecology"', 'id = "water"', "items", "id 'water' stands more than once"),
        (LISTING, 'id = "labour"\n', "", "items[3].id", "an item needs an id"),
        (
            LISTING,
            'text = "企业科技领域',
            'text = "企业科学领域',
            "items[11].text",
            "is neither the name nor an alias of",
        ),
        (
            LISTING,
            'item = "619006001000"',
            'item = "619006009000"',
            "items[11].item",
            "no item '619006009000' in the register",
        ),
        (
            LISTING,
            'item = "619019001000"',
            'item = "619018001000"',
            "items",
            "item '619018001000' stands more than once",
        ),
        (
            LISTING,
            'department_text = "市水务局"',
            'department_text = "市火务局"',
            "items[15].department_text",
            "'市火务局' means no organisation in xian-2024-60",
        ),
        (
            LISTING,
            'departments = ["water"]',
            'departments = ["waters"]',
            "items[15].departments[0]",
            "no organisation 'waters'",
        ),
        (
            LISTING,
            'departments = ["water"]',
            'departments = ["science"]',
            "items[15].departments",
            "are ['science'], but department_text prints ['water']",
        ),
        (
            LISTING,
            'departments = ["water"]\nkind = "check"',
            'departments = ["water"]\nkind = "handling"',
            "items[15].kind",
            "is 'handling', but the register's",
        ),
        (
            LISTING,
            'departments = ["water"]',
            'departments = ["water"]\nopen_list = true',
            "items[15].open_list",
            "is true, but the cell is '市水务局'",
        ),
        (
            LISTING,
            'departments = ["water"]',
            'departments = ["water"]\ncarried_down = true',
            "items[15].carried_down",
            "a cell is carried down when it is empty",
        ),
        (
            LISTING,
            'departments = ["water"]',
            'departments = ["water"]\nafter = [99]',
            "items[15].after",
            "no item 99",
        ),
        (
            LISTING,
            'departments = ["water"]',
            'departments = ["water"]\nafter = [16]',
            "items",
            "wait for one another: 16 → 16",
        ),
        (LISTING, 'departments = ["water"]', 'departments = ["water"]\ncolour = 1', "items[15].colour", "Unexpected"),
        (
            WEIYANG,
            'participants = ["资源规划", "公安"',
            'participants = ["资源规划", "公"',
            "participants[1]",
            "'公' means no organisation in weiyang-2021-1",
        ),
        (
            WEIYANG,
            'leads = ["weiyang-urban-management"]',
            "leads = []",
            "leads",
            "unstated, and routes.toml has no route for it",
        ),
        ("weiyang-newborn", 'extends = "newborn"', 'extends = "newborns"', "extends", "no bundle 'newborns' to extend"),
        (
            "weiyang-newborn",
            'extends = "newborn"',
            'extends = "utility-connection"',
            "extends",
            "is about a subject of another kind",
        ),
        ("weiyang-newborn", "parent = 3", "parent = 33", "items[0].parent", "the parent has no item 33"),
        (
            "retirement",
            'text = "户籍信息确认"\n',
            'text = "户籍信息确认"\nkind_of = 3\n',
            "items[8].kind_of",
            "Unexpected",
        ),
    ],
)
def test_a_fault_of_each_class_is_named_with_file_and_line(
    folder: Path, bundle: str, good: str, bad: str, place: str, reason: str
) -> None:
    path = folder / f"{bundle}.toml"
    plant(path, good, bad)
    found = [fault for fault in bundle_folder_faults(folder) if fault.file == path.name and fault.place == place]
    assert any(reason in fault.reason for fault in found), told(folder)
    assert all(fault.line for fault in found)
    with pytest.raises(DefinitionFaultsError):
        load_bundles(folder)


def test_the_line_is_that_of_the_value(folder: Path) -> None:
    path = folder / "listing-compliance.toml"
    plant(path, 'text = "企业科技领域', 'text = "企业科学领域')
    at = line_of(path, "企业科学领域")
    assert told(folder)[0].startswith(f"listing-compliance.toml:{at}: items[11].text: '企业科学领域")


def test_items_that_wait_for_one_another_are_refused(folder: Path) -> None:
    path = folder / "oversize-transport.toml"
    for number, after in ((1, 3), (2, 1), (3, 2)):
        plant(path, f"number = {number}\nid", f"number = {number}\nafter = [{after}]\nid")
    assert [fault.reason for fault in bundle_folder_faults(folder)] == ["wait for one another: 1 → 3 → 2 → 1"]


def test_situations_commitments_and_the_rest_are_checked(folder: Path) -> None:
    path = folder / "medical-expense-reimbursement.toml"
    add(
        path,
        """
[[situations]]
id = "where"
question = "在哪里？"
choices = [{ id = "here", text = "本地", items = [9] }, { id = "here", text = "外地", items = [2] }]

[[situations]]
id = "where"
question = "？"
choices = []

[[commitments]]
material = "no-such-material"
kind = "later"
text = " "
liability = ""
cel = "records.exists(r, r.colour == today)"

[[commitments]]
material = "no-such-material"
kind = "promise"
text = "x"
liability = "x"
after_check_days = 0
cel = "1 +"
reads = ["no.such"]

[delivery]
means = []

[baseline]
steps = -1

[[example]]
origin = "ours"
""",
    )
    found = [(fault.place, fault.reason) for fault in bundle_folder_faults(folder)]
    assert found[:6] == [
        ("situations", "id 'where' stands more than once"),
        ("situations[0].choices", "id 'here' stands more than once"),
        ("situations[0].choices[0].items", "no item 9"),
        ("situations[1].choices", "a question has at least two choices"),
        ("commitments[0].material", "no material 'no-such-material'"),
        ("commitments[0].days", "what is brought later is due within a number of days"),
    ]
    assert {place for place, _ in found[6:]} == {
        "commitments[0].text",
        "commitments[0].liability",
        "commitments[0].cel",
        "commitments[1].material",
        "commitments[1].after_check_days",
        "commitments[1].reads",
        "commitments[1].cel",
        "commitments",
        "delivery.means",
        "baseline.steps",
        "example[0].at",
        "example[0].name",
        "example[0].subject",
    }


@pytest.mark.parametrize(
    ("good", "bad", "reason"),
    [
        ('bundle = "retirement"\nitem = 0', 'bundle = "retired"\nitem = 0', "no bundle 'retired'"),
        ('bundle = "retirement"\nitem = 1', 'bundle = "retirement"\nitem = 99', "retirement has no item 99"),
        (
            'bundle = "retirement"\nitem = 1',
            'bundle = "retirement"\nitem = 2',
            "'retirement 2' is routed more than once",
        ),
        (
            'bundle = "retirement"\nitem = 0\ndepartments = ["human-resources"]',
            'bundle = "retirement"\nitem = 0\ndepartments = ["human-resource"]',
            "no organisation 'human-resource'",
        ),
        (
            'bundle = "retirement"\nitem = 0\ndepartments = ["human-resources"]',
            'bundle = "retirement"\nitem = 0\ndepartments = []',
            "names nobody",
        ),
        (
            'bundle = "retirement"\nitem = 1',
            'bundle = "newborn"\nitem = 1',
            "stated, but routes.toml routes it: a route is for what the source leaves open",
        ),
        (
            'bundle = "retirement"\nitem = 1',
            'bundle = "newborn"\nitem = 0',
            "stated, but routes.toml routes it: a route is for what the source leaves open",
        ),
    ],
)
def test_a_route_is_for_what_a_source_leaves_open(folder: Path, good: str, bad: str, reason: str) -> None:
    plant(folder.parent / "routes.toml", good, bad)
    found = bundle_folder_faults(folder)
    assert reason in [fault.reason for fault in found]
    assert all(fault.line for fault in found)


def test_without_a_route_an_unstated_lead_is_a_fault(folder: Path) -> None:
    (folder.parent / "routes.toml").unlink()
    assert [fault.file for fault in bundle_folder_faults(folder)] == ["retirement.toml"]


def test_the_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    plant(folder / "newborn.toml", "version = 1", "version = 0")
    plant(folder / "retirement.toml", "number = 13", 'number = "13"')
    (folder / "broken.toml").write_text("id = ", encoding="utf-8")
    files = {fault.file for fault in bundle_folder_faults(folder)}
    assert {"newborn.toml", "retirement.toml", "broken.toml"} <= files


def test_what_refers_to_a_file_that_cannot_be_read_is_not_blamed(folder: Path) -> None:
    plant(folder / "newborn.toml", 'name = "新生儿', 'name = 1 # "新生儿')
    plant(folder / "retirement.toml", "number = 13", 'number = "13"')
    assert {fault.file for fault in bundle_folder_faults(folder)} == {"newborn.toml", "retirement.toml"}


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(DefinitionFaultsError, match="no bundle is defined"):
        load_bundles(tmp_path)


def test_the_42nd_bundle_is_a_file(folder: Path) -> None:
    """Nothing but a file: its item is in the register already."""
    (folder / "market-closing.toml").write_text(
        """
id = "market-closing"
version = 1
name = "退市一件事"
source = "xian-2024-60"
document = "示例"
number = 1
subject = "enterprise"
leads = ["market-regulation"]
lead_text = "市市场监管局"

[[items]]
number = 1
id = "deregistration"
item = "610131003000"
text = "企业注销登记"
department_text = "市市场监管局"
departments = ["market-regulation"]
kind = "handling"
""",
        encoding="utf-8",
    )
    assert told(folder) == []
    assert len(load_bundles(folder)) == 42
