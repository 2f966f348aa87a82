"""What stands between an application and its submission: the pre-check (预审) as the door asks for it."""

from dataclasses import dataclass
from typing import Protocol

from onething.gateway.application_request import Application, Completed
from onething.gateway.problems import Fault


@dataclass(frozen=True)
class Prechecked:
    """The application completed from the archive, and every fault that would keep it from being handled."""

    completed: Completed
    faults: tuple[Fault, ...] = ()


class Precheck(Protocol):
    """Checks applications by their bundle's rules and the applicant's archive.

    Raises:
        Problem: the archive cannot be read at the moment.
    """

    async def check(self, application: Application) -> Prechecked:
        """The application as its bundle and the archive make it."""
