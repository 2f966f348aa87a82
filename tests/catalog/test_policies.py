"""Policies as data: those that are there, and every fault that a file may have, at once and with its line."""

from datetime import date
from pathlib import Path

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.policies import POLICIES_FOLDER, load_policies, policies_of

SOUND = """
id = "sound"
version = 1
name = "试行政策"
origin = "ours"
department = "human-resources"
audience = "enterprise"
basis = "由平台拟定"
valid_from = 2026-01-01
valid_to = 2026-12-31
again_on = "registered"

[benefit]
text = "一次性补贴"
amount_fen = 100

[outcome]
kind = "notice"
text = "符合条件"

[[conditions]]
id = "registered"
text = "存续"
passes = "found"
reads = [{ resource = "market-regulation.enterprise-registration", coverage_max_age_days = 7 }]
cel = 'records.filter(r, r.content.state == "存续").map(r, r.event_id)'
"""


def faults_of(folder: Path, text: str, name: str = "sound") -> list[str]:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionFaultsError) as refused:
        load_policies(folder)
    return [str(fault) for fault in refused.value.faults]


def test_the_policies_of_the_project_hold_together() -> None:
    policies = load_policies()
    assert [*policies] == sorted(path.stem for path in POLICIES_FOLDER.glob("*.toml"))
    assert len([*policies_of("enterprise", policies)]) == 5
    assert {policy.audience for policy in policies.values()} == {"enterprise", "person"}
    assert {policy.outcome.kind for policy in policies.values()} == {"case", "notice"}


def test_what_no_source_states_is_marked_as_ours() -> None:
    assert {policy.origin for policy in load_policies().values() if not policy.document} == {"ours"}


def test_every_condition_that_must_find_something_is_filtered_by_columns() -> None:
    conditions = [each for policy in load_policies().values() for each in policy.conditions if each.passes == "found"]
    assert all(condition.filter.clauses for condition in conditions)


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "sound.toml").write_text(SOUND, encoding="utf-8")
    policy = load_policies(tmp_path)["sound"]
    assert policy.resources == {"market-regulation.enterprise-registration"}
    assert policy.in_force(date(2026, 1, 1))
    assert policy.in_force(date(2026, 12, 31))
    assert not policy.in_force(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('id = "sound"', 'id = "other"', "sound.toml:2: id: is 'other', the file is called 'sound'"),
        ("version = 1", "version = 0", "sound.toml:3: version: is 0"),
        ('department = "human-resources"', 'department = "nobody"', "sound.toml:6: department: no organisation"),
        ("valid_to = 2026-12-31", "valid_to = 2025-12-31", "sound.toml:10: valid_to: is 2025-12-31, before"),
        ("amount_fen = 100", "amount_fen = 0", "sound.toml:15: benefit.amount_fen: is 0"),
        ('again_on = "registered"', 'again_on = "paid"', "sound.toml:11: again_on: no condition 'paid'"),
        ('kind = "notice"', 'kind = "case"', "sound.toml:17: outcome.bundle: no bundle ''"),
        ('kind = "notice"', 'kind = "case"\nbundle = "newborn"', "is for subjects of kind person"),
        (
            'kind = "notice"',
            'kind = "case"\nbundle = "enterprise-change"',
            "question 'change' of 'enterprise-change' is left",
        ),
        ('kind = "notice"', 'kind = "notice"\nchoices = { a = "b" }', "a notice answers no situation question"),
        ('passes = "found"', 'passes = "clear"', "subjects of whom nothing is known would match"),
        (
            "market-regulation.enterprise-registration",
            "tax.nothing",
            "conditions[0].reads[0]: no resource 'tax.nothing'",
        ),
        (
            "market-regulation.enterprise-registration",
            "public-security.person-registration",
            "does not stand in enterprise archives",
        ),
        ("coverage_max_age_days = 7", "coverage_max_age_days = 0", "is brought up to date every 1 days"),
        (".map(r, r.event_id)", ".map(r, ", "sound.toml:26: conditions[0].cel: is no CEL"),
        ('r.content.state == "存续"', 'r.content.stat == "存续"', "content.stat is no field of"),
        ('r.content.state == "存续"', "r.content.legal_representative != null", "is personal and sealed"),
        ('r.content.state == "存续"', "r.valid_at > since", "names since; known are day, now, records, today"),
        ("records.filter(r, ", "size(records.filter(r, ", "is no CEL"),
        (".map(r, r.event_id)", ".size() > 0", "gives no list of event ids"),
        ('id = "registered"', 'id = "Registered"', "is not lower-case words and hyphens"),
    ],
)
def test_each_fault_is_named_with_its_line(tmp_path: Path, before: str, after: str, fault: str) -> None:
    assert before in SOUND
    assert any(fault in each for each in faults_of(tmp_path, SOUND.replace(before, after)))


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("version = 1", encoding="utf-8")
    broken = SOUND.replace("version = 1", "version = 0").replace("r.content.state", "r.content.stat")
    faults = faults_of(tmp_path, broken)
    assert {each.split(":")[0] for each in faults} == {"other.toml", "sound.toml"}
    assert sum("sound.toml" in each for each in faults) == 2
