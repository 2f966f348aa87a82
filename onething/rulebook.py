"""The register's rules, wired: kind of entity → rule, what follows from changes, which routes stand beside."""

from fastapi import APIRouter

from catalog.corrections.rule import correction_rule
from catalog.demands.grants import grant_rule
from catalog.demands.rule import demand_rule
from catalog.duties.clock import Law
from catalog.duties.entity import duties_follow, duty_rule
from catalog.duties.http import duty_router
from catalog.duties.roll import DutyRoll
from catalog.ledger.entity import closings_follow
from catalog.ledger.needs import needs_of
from catalog.ledger.rule import ledger_rule
from catalog.ledger.standards import load_standards
from catalog.ledger.team import team_rule
from catalog.register.changes import (
    CORRECTION,
    DEMAND,
    DUTY,
    GRANT,
    LEDGER_ENTRY,
    LEGAL_BASIS,
    LICENCE_TYPE,
    LIST,
    ORGANISATION,
    RESOURCE,
    SYSTEM,
    TEAM,
)
from catalog.register.checker_http import checker_router
from catalog.register.declared import declared_rule, with_declarations
from catalog.register.http_routes import RegisterDoor
from catalog.register.import_http import import_router
from catalog.register.life import resource_rule, updates_follow
from catalog.register.life_binding import load_bindings
from catalog.register.lists import list_rule
from catalog.register.rulebook import Rulebook
from catalog.register.search import CatalogSearch
from catalog.register.search_http import search_router


def load_rulebook(law: Law) -> Rulebook:
    """The rules of this hub, with the law of the clock that is in force."""
    standards = load_standards()
    return Rulebook(
        rules={
            ORGANISATION: declared_rule,
            SYSTEM: declared_rule,
            LICENCE_TYPE: declared_rule,
            LEGAL_BASIS: declared_rule,
            RESOURCE: with_declarations(resource_rule(load_bindings())),
            DUTY: duty_rule(law),
            DEMAND: demand_rule,
            GRANT: grant_rule,
            CORRECTION: correction_rule,
            LIST: list_rule,
            LEDGER_ENTRY: ledger_rule(standards, needs_of),
            TEAM: team_rule(standards),
        },
        reactions=(updates_follow, duties_follow, closings_follow(standards, needs_of)),
    )


def further_routers(
    door: RegisterDoor, law: Law, search: CatalogSearch, roll: DutyRoll | None = None
) -> tuple[APIRouter, ...]:
    """Routes of the register's process beside the register's own; ``roll`` of duties where others use it as well."""
    return (
        search_router(search),
        checker_router(door.reader, door.now_us),
        import_router(door),
        duty_router(door.reader, law, door.now_us, roll),
    )
