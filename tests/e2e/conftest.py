"""Hubs of made-up people: the grants for demonstrations and tests hold in them, in every process that is started."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def trial_grants() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ONETHING_ARCHIVE__TRIAL_GRANTS", "true")
        yield
