"""Every bundle on the real coordinator and a real broker, all of them in one run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bundles import load_bundles
from connectors.kafka import KafkaOptions
from processors.cases import CaseReader
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.driving import CaseStage, Pace
from producers.simulation.cases.profile import CaseProfile, load_case_profile
from producers.simulation.cases.reckoning import reckoned
from producers.simulation.cases.script import drawn_script
from tests.processors.coordinating import coordinator, own_broker
from tests.processors.domain.handling.playing import stream, subject_of
from topics.codec import SchemaIds

pytestmark = [pytest.mark.broker, pytest.mark.timeout(300)]

BUNDLES = tuple(load_bundles().values())
DRAWN = 4
"""Cases of each bundle that are drawn from the profile, beside the one in which everybody approves."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaOptions]:
    with own_broker(tmp_path_factory.mktemp("every-bundle")) as options:
        yield options


def actors() -> Iterator[CaseActors]:
    for bundle in BUNDLES:
        for number in range(1 + DRAWN):
            name = f"{bundle.id}-{number}"
            profile = load_case_profile() if number else CaseProfile()
            script = drawn_script(stream(name), profile, bundle, name, subject_of(bundle, number))
            yield CaseActors(script, answers_checks=True)


def test_all_bundles_end_as_their_definitions_and_scripts_say(cluster: KafkaOptions, tmp_path: Path) -> None:
    played = tuple(actors())
    store = f"sqlite:///{tmp_path}/cases.db"
    with (
        coordinator(cluster, store, tmp_path),
        CaseStage(cluster, SchemaIds.published(), answers_checks=True) as stage,
    ):
        driven = stage.drive(played, Pace(speed=20.0, patience_s=15.0))
    account = reckoned(played)
    assert account.mismatches == ()
    assert driven.settled == account.cases == len(BUNDLES) * (1 + DRAWN)
    assert all(account.ends[bundle.id]["delivered"] for bundle in BUNDLES)
    assert account.items["approved"] > account.cases
    with CaseReader(store) as reader:
        for each in played:
            handling = reader.handling_state(each.script.case_id)
            assert handling is not None
            assert (handling.status, {item.number: item.state for item in handling.items}) == (each.status, each.items)
