"""A department's task within a case: open, handled by one person, reviewed by another, answered."""

from typing import Final, Literal

import msgspec

from processors.domain.answers import GIVEN, Given, part_key
from processors.domain.requests import Refusal, time_fault
from topics.events import Part, PartAnswer, TaskHandled, TaskReviewed

TaskStatus = Literal["open", "handled", "answered", "closed"]
"""``handled`` waits for its review; ``closed`` is no longer needed, as the part was answered without it."""

OPEN: Final = "open"
HANDLED: Final = "handled"
ANSWERED: Final = "answered"
CLOSED: Final = "closed"


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One task and what people did with it.

    Attributes:
        task_id: see ``task_id_of``.
        part: what is asked.
        handled_and_reviewed: whether a second person must approve.
        assigned_at: in µs UTC.
        taken: ids of the events that were taken, so that a repeat changes nothing.
        handled: the answer proposed, until it is approved or returned.
        answer: the last approved answer; it stands while a correction of it waits for review.
        review_note: why the last review returned the answer.
    """

    task_id: str
    part: Part
    handled_and_reviewed: bool
    assigned_at: int
    taken: tuple[bytes, ...] = ()
    handled: TaskHandled | None = None
    answer: Given | None = None
    review_note: str | None = None

    @property
    def progress(self) -> Literal["open", "handled", "answered"]:
        """How far people have got."""
        if self.handled is not None:
            return HANDLED
        return ANSWERED if self.answer is not None else OPEN


def task_handled(task: Task, event: TaskHandled) -> Task | Refusal:
    """A person proposed an answer; it is final where no review is asked for."""
    if event.event_id in task.taken:
        return task
    refusal = _wrong_owner(task, event.department) or time_fault(event.at) or _unfit_answer(task, event)
    if refusal is not None:
        return refusal
    taken = (*task.taken, event.event_id)
    if task.handled_and_reviewed:
        return msgspec.structs.replace(task, taken=taken, handled=event, review_note=None)
    return msgspec.structs.replace(task, taken=taken, answer=_given(event, event.at, event.event_id, None))


def task_reviewed(task: Task, event: TaskReviewed) -> Task | Refusal:
    """A second person approved the proposed answer or returned it to the first."""
    if event.event_id in task.taken:
        return task
    refusal = _wrong_owner(task, event.department) or time_fault(event.at) or _unfit_review(task, event)
    if refusal is not None or task.handled is None:
        return refusal or Refusal("nothing-to-review", f"task {task.task_id} has no answer that waits for review")
    taken = (*task.taken, event.event_id)
    if not event.approved:
        return msgspec.structs.replace(task, taken=taken, handled=None, review_note=event.note or "")
    answer = _given(task.handled, event.at, event.event_id, event.reviewed_by)
    return msgspec.structs.replace(task, taken=taken, handled=None, answer=answer, review_note=None)


def _given(handled: TaskHandled, at: int, event_id: bytes, reviewed_by: str | None) -> Given:
    answer = msgspec.structs.replace(handled.answer, handled_by=handled.handled_by, reviewed_by=reviewed_by)
    return Given(answered_by=handled.department, answered_at=at, event_id=event_id, answer=answer)


def _wrong_owner(task: Task, department: str) -> Refusal | None:
    if department == task.part.department:
        return None
    return Refusal("not-your-task", f"task {task.task_id} is {task.part.department}'s, not {department}'s")


def _unfit_answer(task: Task, event: TaskHandled) -> Refusal | None:
    if part_key(event.answer) != part_key(task.part):
        return Refusal("other-part", f"the answer is not about what task {task.task_id} asks")
    if refusal := unfit_words(event.answer):
        return refusal
    if not event.handled_by.strip():
        return Refusal("no-person", "handled_by names nobody")
    return None


def unfit_words(answer: PartAnswer) -> Refusal | None:
    """Why a department may not answer so, or None."""
    if answer.answer not in GIVEN:
        return Refusal("unknown-answer", f"an answer is one of {', '.join(sorted(GIVEN))}")
    return time_fault(*(each.complete_until for each in answer.coverage))


def _unfit_review(task: Task, event: TaskReviewed) -> Refusal | None:
    if not event.reviewed_by.strip():
        return Refusal("no-person", "reviewed_by names nobody")
    if "\0" in (event.note or ""):
        # PostgreSQL's text cannot hold it, and nobody types it.
        return Refusal("bad-note", "the note holds a NUL character")
    if task.handled is not None and event.reviewed_by.strip() == task.handled.handled_by.strip():
        return Refusal("same-person", f"task {task.task_id}: who handled an answer cannot review it")
    return None
