"""Routes: who handles what the sources leave open, as an operator chose, kept apart from what the sources say."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from catalog.definition_lines import located
from catalog.definition_place import read_from
from catalog.definitions import EXACT, DefinitionFaultsError, Fault, demand_none, read_definition, repeated
from catalog.organisations import load_organisations

ROUTES_FILE: Final = Path(__file__).parent / "routes.toml"

#: The number that stands for the bundle's lead.
LEAD: Final = 0


@dataclass(frozen=True)
class Route:
    """Departments for an item by its number in a bundle, or for its lead (``LEAD``); never the source's word."""

    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    bundle: str
    item: int
    departments: tuple[str, ...]
    origin: Literal["ours", "operator"]
    reason: str


@dataclass(frozen=True)
class _RoutesFile:
    __pydantic_config__: ClassVar[ConfigDict] = EXACT

    route: tuple[Route, ...] = ()


Routes = Mapping[tuple[str, int], Route]


@read_from(ROUTES_FILE.name)
def load_routes(path: Path) -> Routes:
    """Return the routes by bundle and item number, in the file's order; none when there is no such file.

    Raises:
        DefinitionFaultsError: an organisation is unknown, a reason is missing, or an item is routed twice.
    """
    if not path.exists():
        return MappingProxyType({})
    try:
        routes = read_definition(path, _RoutesFile).route
    except DefinitionFaultsError as broken:
        raise DefinitionFaultsError(located(broken.faults, path)) from None
    demand_none(located(_faults(path.name, routes), path))
    return MappingProxyType({(route.bundle, route.item): route for route in routes})


def _faults(file: str, routes: tuple[Route, ...]) -> list[Fault]:
    known = load_organisations().by_code
    faults = []
    for at, route in enumerate(routes):
        place = f"route[{at}]"
        faults += [
            Fault(file, f"{place}.departments", f"no organisation {code!r}")
            for code in route.departments
            if code not in known
        ]
        if not route.departments:
            faults.append(Fault(file, f"{place}.departments", "names nobody"))
        if not route.reason.strip():
            faults.append(Fault(file, f"{place}.reason", "is empty"))
    twice = repeated(f"{route.bundle} {route.item}" for route in routes)
    return [*faults, *(Fault(file, "route", f"{each!r} is routed more than once") for each in twice)]
