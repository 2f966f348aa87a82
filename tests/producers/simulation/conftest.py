"""A small city for the tests of its parts."""

from datetime import date

import pytest

from producers.simulation.planned import Planned
from producers.simulation.simulate import Simulation

UNTIL = date(2026, 11, 22)


@pytest.fixture(scope="session")
def city() -> Simulation:
    return Simulation(enterprise_count=300, person_count=300, seed=7, until=UNTIL)


@pytest.fixture(scope="session")
def publications(city: Simulation) -> tuple[Planned, ...]:
    return tuple(city.publications())
