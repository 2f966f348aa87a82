"""Who takes part in a case and whom it is about, out of the case store."""

from collections.abc import Iterator
from typing import Final

from catalog.demands.check import CaseGround
from processors.cases import CaseReader, StoreMissing
from processors.domain.case import Case
from processors.domain.handling.state import Handling

MOST_KEPT: Final = 20_000


class CaseGrounds:
    """Cases by their ids, each looked up once and again when asked to; a store that is not there yet holds none."""

    def __init__(self, reader: CaseReader) -> None:
        self._reader = reader
        self._kept: dict[str, CaseGround] = {}

    def known(self, case_id: str) -> CaseGround | None:
        """The case as it was when it was looked up; None when it was not."""
        return self._kept.get(case_id)

    def look(self, case_id: str) -> CaseGround | None:
        """The case as the store has it now; reads SQL."""
        found = self._found(case_id)
        if found is not None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[case_id] = found
        return found

    def _found(self, case_id: str) -> CaseGround | None:
        if "\x00" in case_id:
            return None
        try:
            handling = self._reader.handling_state(case_id)
            if handling is not None:
                return ground_of_handling(handling)
            case = self._reader.check_case(case_id)
        except StoreMissing:
            return None
        return None if case is None else ground_of_case(case)


def ground_of_case(case: Case) -> CaseGround:
    """A verification: its lead and whoever answers a check; its subjects and those related to them."""
    return CaseGround(frozenset(_of_case(case)), frozenset((*case.request.subjects, *case.related)))


def ground_of_handling(handling: Handling) -> CaseGround:
    """A handled case: its lead and the departments of the items that apply; the applicant."""
    departments = {handling.plan.lead, *(each.department for each in handling.assignments)}
    applying = {each.number for each in handling.items if each.state != "not-applicable"}
    for item in handling.plan.items:
        if item.number in applying:
            departments.update(item.departments)
    subjects = {handling.application.subject}
    if handling.checks is not None:
        departments.update(_of_case(handling.checks))
        subjects.update(ground_of_case(handling.checks).subjects)
    return CaseGround(frozenset(departments), frozenset(subjects))


def _of_case(case: Case) -> Iterator[str]:
    definition = case.definition
    yield definition.lead
    for line in definition.lead_lines:
        yield from line.departments
    for check in definition.lines:
        yield from (answerer.department for answerer in check.answerers)
    yield from (task.part.department for task in case.tasks)
