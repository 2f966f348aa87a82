from pathlib import Path

import pytest

from catalog.definitions import DefinitionFaultsError
from catalog.rules import load_rules


def test_rules_have_names_for_reports_and_are_bound_to_a_resource() -> None:
    rule = load_rules()["penalty-in-force"]
    assert rule.name == "核查期内作出、未修复且未撤销的处罚决定"
    assert 'r.resource == "tax.administrative-penalty"' in rule.of_resource("tax.administrative-penalty")


def test_a_rule_that_cannot_run_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        """
        [unbound]
        name = "任何记录"
        cel = 'records.map(r, r.event_id)'
        [broken]
        name = "坏"
        cel = 'records.filter(r, r.resource == "$resource"'
        [unknown]
        name = "错"
        cel = 'records.filter(r, r.resource == "$resource" && r.valid_at > today).map(r, r.event_id)'
        """,
        encoding="utf-8",
    )
    with pytest.raises(DefinitionFaultsError) as raised:
        load_rules(path)
    unbound, broken, unknown = map(str, raised.value.faults)
    assert unbound == "rules.toml: unbound: does not say $resource: it would read every department's records"
    assert broken.startswith("rules.toml: broken: is no CEL: ")
    assert unknown == "rules.toml: unknown: names today; known are r, records, since, territory, until"
