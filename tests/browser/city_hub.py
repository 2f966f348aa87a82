"""A real hub with a small simulated city, its console, and work waiting at departments: what journeys are made on."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx2

from catalog.bundles import load_bundles
from onething.commands.simulate import publish_simulation
from onething.demonstration.application import BUNDLE as OPENING
from onething.demonstration.application import TRIED, _body
from onething.demonstration.city import await_positions
from onething.demonstration.verification import BUNDLE as VERIFYING
from onething.demonstration.verification import asked_departments, chosen_subject
from onething.doors import on_free_ports
from onething.endpoints import ROLES
from onething.gateway.case_client import CaseClient
from onething.settings import Settings
from onething.supervisor import RunningHub, running_hub
from producers.simulation.account import written
from producers.simulation.publication import Published
from producers.simulation.simulate import Simulation

ENTERPRISES: Final = 80
PERSONS: Final = 60
SEED: Final = 1
AWAITED_S: Final = 30.0
LOOK_S: Final = 0.05
_SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class CityHub:
    """A hub that runs, and what its made-up city published.

    Attributes:
        hub: the parts that run, with their settings.
        city: what was published, with the account of it: subjects, refusals, expected answers.
    """

    hub: RunningHub
    city: Published

    @property
    def url(self) -> str:
        """Where the console answers."""
        return self.hub.url("console")

    @property
    def gateway(self) -> str:
        """Where the gateway answers."""
        return self.hub.url("gateway")

    @cached_property
    def enterprises(self) -> tuple[str, ...]:
        """``enterprise:<uscc>`` of all that published facts tell of, in a fixed order."""
        return tuple(each for each in self.city.account.subjects if each.startswith("enterprise:"))

    @cached_property
    def asked(self) -> tuple[str, tuple[str, ...]]:
        """An enterprise about which some departments' people must be asked, and these departments."""
        subject = chosen_subject(self.city)
        return subject, tuple(asked_departments(self.city, subject))

    def get(self, path: str, **query: str | int) -> Any:
        """What the gateway answers; an error is the test's."""
        answer = httpx2.get(f"{self.gateway}{path}", params=query, timeout=AWAITED_S, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """The gateway's answer, whatever it is."""
        return httpx2.post(f"{self.gateway}{path}", json=body, headers=headers, timeout=AWAITED_S, trust_env=False)

    def verify(self, subject: str | None = None) -> str:
        """Ask for a verification, by default of the enterprise that departments must be asked about; its case id."""
        about = subject or self.asked[0]
        body = {
            "bundle": VERIFYING,
            "subject": about.partition(":")[2],
            "purpose": "企业上市（演示）",
            "requested_by": "演示",
        }
        return str(self.post("/v1/verifications", body).raise_for_status().json()["case_id"])

    def apply(self, key: str) -> str:
        """Submit an application for a restaurant of some enterprise that may open one; its case id."""
        example = load_bundles()[OPENING].examples[0]
        with CaseClient(self.gateway) as client:
            for subject in self.enterprises[:TRIED]:
                body = _body(subject, example)
                running = client.cases([("subject", subject), ("bundle", OPENING), ("kind", "handling")])["cases"]
                if running or client.served(OPENING, "precheck", body)["faults"]:
                    continue
                told = {**body, "bundle": OPENING, "submitted_by": "演示申请人"}
                return str(client.submit(told, key, AWAITED_S)["case_id"])
        raise AssertionError(f"none of {TRIED} enterprises may open a restaurant")


@contextmanager
def city_hub(folder: Path) -> Iterator[CityHub]:
    """The hub with the console while it runs, its archives having taken everything that the city published."""
    settings = on_free_ports(Settings(data_dir=folder))
    # All people are made up, so the grants for demonstrations hold.
    trial = settings.archive.model_copy(update={"trial_grants": True})
    with running_hub(settings.model_copy(update={"archive": trial}), ROLES, tell=print) as hub:
        city = Simulation(ENTERPRISES, PERSONS, SEED, datetime.now(_SHANGHAI).date())
        published = publish_simulation(hub.settings, city)
        account = folder / "simulation" / "account.json"
        account.parent.mkdir(parents=True, exist_ok=True)
        account.write_bytes(written(published.account))
        await_positions(hub.url("archive"), _ends(published))
        yield CityHub(hub, published)


def _ends(published: Published) -> Mapping[tuple[str, str], int]:
    return {
        (topic, str(partition)): span.last_offset
        for topic, spans in published.receipts.items()
        for partition, span in spans.items()
    }


def awaited(look: Any, what: str) -> Any:
    """What ``look`` finds, once it finds something."""
    until = time.monotonic() + AWAITED_S
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(LOOK_S)
    raise AssertionError(f"not within {AWAITED_S:.0f} s: {what}")
