"""Telling of policies is a matter of the settings; what else the follower does is not."""

from typing import Any

import pytest

from connectors.kafka import KafkaOptions
from onething import following
from onething.settings import FollowerSettings, Settings


@pytest.mark.parametrize(
    ("tells", "expected"),
    [(True, ["cases", "marks", "policies", "sweep"]), (False, ["cases", "marks"])],
    ids=["on", "off"],
)
def test_telling_can_be_switched_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, tells: bool, expected: list[str]
) -> None:
    made = {
        "case_follower": "cases",
        "marker": "marks",
        "policy_follower": "policies",
        "policy_sweeper": "sweep",
    }
    for name, what in made.items():
        monkeypatch.setattr(following, name, lambda *_, what=what: what)
    for name in ("LiveSchemaIds", "OnBehalf"):
        monkeypatch.setattr(following, name, lambda *_: type("Nothing", (), {"ids": None, "state": None})())
    settings = Settings(data_dir=tmp_path, follower=FollowerSettings(tell_policies=tells))
    found: list[Any] = [*following.followers(settings, KafkaOptions("nowhere:1"))]
    assert found == expected
