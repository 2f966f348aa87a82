"""`onething simulate cases`: every bundle on a whole hub, over the log and over HTTP, to the end that was reckoned."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from onething.commands.simulate import app

pytestmark = [pytest.mark.broker, pytest.mark.timeout(400)]

BUSY = """
[departments]
slow = 0.05
refuse = 0.08
supplement = 0.12
pass-on = 0.08
return = 0.05
correct = 0.08
suspend = 0.08
issue = 0.25
never = 0.04

[applicants]
withdraw = 0.08
silent = 0.2
evaluate = 0.8
bad = 0.4
together = 0.5
promise = 0.5

[lead]
suspend = 0.1

[fee]
share = 0.2
fen = [1, 9999]
"""


def test_every_case_ends_as_its_definition_and_its_script_say(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    profile = tmp_path / "busy.toml"
    profile.write_text(BUSY)
    wishes = ("--own", "--count", "2", "--seed", "11", "--http", "0.4", "--speed", "10", "--profile", str(profile))
    result = CliRunner().invoke(app, ["cases", *wishes, "-o", "json"])
    assert result.exit_code == 0, (result.output[-3000:], result.exception)
    told = json.loads(result.stdout.strip().splitlines()[-1])
    account = told["account"]
    assert account["mismatches"] == []
    assert account["cases"] == 82
    assert len(account["ends"]) == 41
    assert told["over_http"] > 100
    assert told["issued"] > 0
    assert told["in_inboxes"] > 0
