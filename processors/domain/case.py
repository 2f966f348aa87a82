"""A case from its request to its last amendment, as a pure rule: ``step(case, event) -> Step``.

No clock: time is in the events. No randomness: ids follow from the causing event. Answers fold to the newest word on
each part by each answerer, so that order, repetition and replay cannot change what the report says.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from processors.domain.answers import (
    CANNOT_TELL,
    GIVEN,
    Given,
    Lines,
    PartKey,
    Settled,
    folded,
    hub_word,
    line_answer,
    newest_by_department,
    part_key,
    settle_asked,
    settle_from_archive,
)
from processors.domain.definition import ARCHIVE, ASK, Answerer, CaseDefinition, CheckLine
from processors.domain.requests import Refusal, is_subject, look_back_since, time_fault
from processors.domain.tasks import ANSWERED, CLOSED, Task, TaskStatus
from topics.declarations import HUB
from topics.events import CaseRequested, Part

CaseStatus = Literal["running", "reported", "amended"]
RUNNING: Final = "running"
REPORTED: Final = "reported"
AMENDED: Final = "amended"

GivenByKey = dict[tuple[str, str, str, str], Given]


class IssuedReport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A report that went out.

    Status: ``current``; ``amended`` when a later one filled what was missing in it; ``superseded`` when a later one
    changed what it had said.
    """

    number: int
    kind: Literal["report", "amendment"]
    issued_at: int
    verification_code: str
    status: Literal["current", "amended", "superseded"] = "current"


class Case(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Everything that is known of a case.

    ``revision`` grows by one with every change; ``told`` is what its lines said after the last one.
    """

    request: CaseRequested
    definition: CaseDefinition
    since: int
    revision: int = 0
    given: tuple[Given, ...] = ()
    tasks: tuple[Task, ...] = ()
    deadline_passed: bool = False
    reports: tuple[IssuedReport, ...] = ()
    told: tuple[str | None, ...] = ()

    @property
    def case_id(self) -> str:
        """The case's number."""
        return self.request.case_id

    @property
    def status(self) -> CaseStatus:
        """``running`` until the first report, ``amended`` from the second one on."""
        return (RUNNING, REPORTED)[len(self.reports)] if len(self.reports) < 2 else AMENDED  # noqa: PLR2004

    @property
    def concluded(self) -> bool:
        """Whether answers are waited for no longer: the report went out, or goes out now with what there is."""
        return self.deadline_passed or bool(self.reports)

    @property
    def related(self) -> tuple[str, ...]:
        """Subjects that the hub's answers added: controlling shareholder and actual controller."""
        return tuple(sorted({each.answer.subject for each in self.given} - set(self.request.subjects)))


def new_case(request: CaseRequested, definition: CaseDefinition) -> Case:
    """The case of a request that holds, nothing answered yet."""
    since = look_back_since(request.requested_at, request.look_back_years)
    return Case(request=request, definition=definition, since=since)


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What is asked in a case and what was said of it, gathered once.

    Attributes:
        asked: in the order of the definition. A subject that the hub added has the parts that the hub answered, and
            those that only departments answer.
        given: the newest word by part and answerer.
    """

    asked: tuple[tuple[Answerer, Part], ...]
    given: GivenByKey


def standing(case: Case) -> Standing:
    """The case's parts and the words on them."""
    given = {each.key: each for each in case.given}
    return Standing(tuple(_asked(case, given)), given)


def settled(case: Case, at: Standing | None = None) -> Lines:
    """Every part by its check, as it stands now."""
    at = at or standing(case)
    from_tasks = {part_key(task.part): task.answer for task in case.tasks}
    lines: dict[str, list[Settled]] = {line.check_id: [] for line in case.definition.lines}
    for answerer, part in at.asked:
        lines[part.check_id].append(_settle(answerer, part, at.given, from_tasks, concluded=case.concluded))
    return {check_id: tuple(each) for check_id, each in lines.items()}


def line_answers(lines: Lines) -> tuple[str | None, ...]:
    """What each line says, in the order of the definition; None while a part of it is open."""
    return tuple(line_answer(each) for each in lines.values())


def needed_tasks(at: Standing) -> Iterator[tuple[Answerer, Part]]:
    """Parts that a department must be asked about: always asked, or the hub's data cannot tell."""
    for answerer, part in at.asked:
        hub = hub_word(at.given, part_key(part))
        if answerer.mode == ASK or (hub is not None and hub.answer.answer in CANNOT_TELL):
            yield answerer, part


def task_statuses(case: Case) -> dict[str, TaskStatus]:
    """How each task stands; ``closed`` when its part was answered without it."""
    at = standing(case)
    needed = {part_key(part) for _, part in needed_tasks(at)}
    return {task.task_id: _task_status(task, at.given, needed) for task in case.tasks}


def take_answers(case: Case, news: tuple[Given, ...]) -> tuple[Case, tuple[Refusal, ...]]:
    """The case with these words folded in, and those that it does not take."""
    modes = {(line.check_id, answerer.department): answerer.mode for line, answerer in _answerers(case.definition)}
    refusals = [_unfit(case, each, modes) for each in news]
    fit = [each for each, refusal in zip(news, refusals, strict=True) if refusal is None]
    given = folded(case.given, fit)
    changed = case if given == case.given else msgspec.structs.replace(case, given=given)
    return changed, tuple(each for each in refusals if each is not None)


def _unfit(case: Case, given: Given, modes: Mapping[tuple[str, str], str]) -> Refusal | None:
    answer = given.answer
    place = f"{answer.check_id}/{answer.department}"
    mode = modes.get((answer.check_id, answer.department))
    by_hub = given.answered_by == HUB
    if mode is None or (by_hub and mode != ARCHIVE):
        return Refusal("not-asked", f"{place} is not asked of {given.answered_by}")
    if not by_hub and given.answered_by != answer.department:
        return Refusal("not-your-part", f"{place} was answered by {given.answered_by}")
    if answer.answer not in GIVEN:
        return Refusal("unknown-answer", f"{place}: the answer is none of {', '.join(sorted(GIVEN))}")
    if fault := time_fault(given.answered_at, *(each.complete_until for each in answer.coverage)):
        return fault
    if answer.subject not in case.request.subjects and not _is_related(case, given):
        return Refusal("other-subject", f"{place} is answered for a subject that the case does not ask about")
    return None


def _is_related(case: Case, given: Given) -> bool:
    if given.answered_by == HUB:
        return case.request.include_related and is_subject(given.answer.subject)
    return given.answer.subject in case.related


def _answerers(definition: CaseDefinition) -> Iterator[tuple[CheckLine, Answerer]]:
    for line in definition.lines:
        for answerer in line.answerers:
            yield line, answerer


def _asked(case: Case, given: GivenByKey) -> Iterator[tuple[Answerer, Part]]:
    related = case.related
    for line, answerer in _answerers(case.definition):
        check_id, department = line.check_id, answerer.department
        for subject in case.request.subjects:
            yield answerer, Part(check_id=check_id, department=department, subject=subject)
        for subject in related:
            if answerer.mode == ASK or (check_id, department, subject, HUB) in given:
                yield answerer, Part(check_id=check_id, department=department, subject=subject)


def _settle(
    answerer: Answerer,
    part: Part,
    given: GivenByKey,
    from_tasks: Mapping[PartKey, Given | None],
    *,
    concluded: bool,
) -> Settled:
    key = part_key(part)
    department = newest_by_department(given, key, from_tasks.get(key))
    if answerer.mode == ASK:
        return settle_asked(part, department, concluded=concluded)
    return settle_from_archive(part, hub_word(given, key), department, concluded=concluded)


def _task_status(task: Task, given: GivenByKey, needed: set[PartKey]) -> TaskStatus:
    key = part_key(task.part)
    progress = task.progress
    if progress == ANSWERED:
        return ANSWERED
    return CLOSED if key not in needed or (*key, key[1]) in given else progress
