"""Simulated cases on a hub whose coordinator and follower are killed in the middle: everything reconciles afterwards.

Departments, applicants, the payment office and the archives are played by the simulation; licences and registrations
that close their items are published as facts, so that the follower has to tell the cases of them.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from catalog.registry import read_schema_ids
from catalog.resources import load_resources
from connectors.keyring import KeyRing
from onething.doors import on_free_ports
from onething.settings import FollowerSettings, Settings
from onething.simulated_cases.casting import Cast, Wishes, cast
from onething.simulated_cases.fact_door import FactDoor
from onething.supervisor import RunningHub, running_hub
from processors.cases import CaseReader
from producers.protection import LocalProtector
from producers.publisher import Publisher
from producers.sending import Sender
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.driving import CaseStage, Pace
from producers.simulation.cases.expected import expected_end
from producers.simulation.cases.profile import load_case_profile
from producers.simulation.cases.reckoning import is_settled, reckoned
from topics.identifiers import make_uscc

pytestmark = [pytest.mark.broker, pytest.mark.timeout(150)]

BUNDLES = ("restaurant-opening", "enterprise-change", "retail-pharmacy-opening", "bankruptcy-inquiry")
EACH = 30
KILLED = ("coordinator", "follower")
KILLS = 3
PATIENCE_S = 15.0
"""A part that died is started again within a second or two, and has its partitions back six seconds later at most."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("hub"), follower=FollowerSettings(tell_policies=False))
    with running_hub(on_free_ports(settings), ("registry", "coordinator", "follower"), tell=print) as running:
        yield running


def drawn(subjects: Sequence[str]) -> Cast:
    """Cases in which everybody behaves as the usual profile says."""
    known = load_bundles()
    wishes = Wishes([known[each] for each in BUNDLES], EACH, 7, str(time.time_ns()), load_case_profile(None))
    return cast(wishes, {"enterprise": tuple(subjects)})


class Killing:
    """Kills both parts each time that so many more cases stand as they must: in the middle, however fast it goes."""

    def __init__(self, hub: RunningHub, cases: int) -> None:
        self._hub = hub
        self._due = [cases * nth // (KILLS + 1) for nth in range(1, KILLS + 1)]
        self.killed: list[str] = []

    def __call__(self, _submitted: int, settled: int) -> None:
        if self._due and settled >= self._due[0]:
            self._due.pop(0)
            for part in self._hub.parts:
                if part.role in KILLED and part.pid is not None and part.exit_code() is None:
                    os.kill(part.pid, signal.SIGKILL)
                    self.killed.append(part.role)


def test_killed_parts_lose_no_case_and_tell_nothing_wrong(hub: RunningHub) -> None:
    numbers = {f"enterprise:{uscc}": uscc for uscc in (make_uscc("91", "610103", each) for each in range(1, 4 * EACH))}
    subjects = {name: {"kind": "enterprise", "id": uscc} for name, uscc in numbers.items()}
    ids = read_schema_ids(hub.options)
    protector = LocalProtector(KeyRing.open_or_create(hub.settings.data_dir / "keys"))

    sender = Sender(hub.options)

    @cache
    def publisher_of(department: str) -> Publisher:
        return Publisher(hub.options, department, protector, ids, load_resources(), sender=sender)

    actors = {each.case_id: CaseActors(each, answers_checks=True) for each in drawn(tuple(subjects)).scripts}
    facts = FactDoor(publisher_of, subjects, actors)
    killing = Killing(hub, len(actors))
    with CaseStage(hub.options, ids, answers_checks=True) as stage:
        pace = Pace(most_open=25, speed=4, patience_s=PATIENCE_S)
        stage.drive(actors.values(), pace, door=facts, progress=killing)
    sender.close()
    assert reckoned(actors.values()).mismatches == ()
    assert {*killing.killed} == {*KILLED}, "both were killed while cases ran"
    assert killing.killed.count("coordinator") > 1
    assert facts.issued > 0, "the follower had something to tell"
    _stored_as_told(hub, actors)


def _stored_as_told(hub: RunningHub, actors: dict[str, CaseActors]) -> None:
    """The store says of each case what everybody was told of it."""
    with closing(CaseReader(f"sqlite:///{_store(hub)}")) as reader:
        for case_id, each in actors.items():
            view = reader.handling(case_id)
            assert view is not None, case_id
            assert view.status == each.status
            assert is_settled(each, expected_end(each.script))


def _store(hub: RunningHub) -> Path:
    (found,) = hub.settings.data_dir.rglob("cases.db")
    return found
