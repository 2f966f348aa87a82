"""智能导办: which items apply under an applicant's choices, which questions are still open, what is wrong with them."""

from collections.abc import Iterator, Mapping

import msgspec

from processors.domain.service.terms import Question, Service, ServiceFault
from processors.domain.service.values import sayable


class Guidance(msgspec.Struct, frozen=True, kw_only=True):
    """What the choices made so far lead to.

    Attributes:
        applies: numbers of the items that apply.
        undecided: numbers of the items that an open question may bring in.
        questions: the open questions, in the bundle's order.
        faults: everything wrong with the choices; a question that is still open is no fault here.
    """

    applies: frozenset[int]
    undecided: frozenset[int]
    questions: tuple[Question, ...]
    faults: tuple[ServiceFault, ...]


def guidance(service: Service, choices: Mapping[str, str]) -> Guidance:
    """What applies under these choices (question id → choice id).

    Items that some choice names apply when it is chosen; all others apply always.
    """
    selected = frozenset(number for question in service.questions for number in question.selects)
    always = frozenset(item.number for item in service.items) - selected
    applies = always | frozenset(_brought(service, choices))
    questions = tuple(each for each in service.questions if each.option(choices.get(each.id)) is None)
    undecided = frozenset(number for question in questions for number in question.selects) - applies
    return Guidance(applies=applies, undecided=undecided, questions=questions, faults=tuple(_faults(service, choices)))


def applicable_items(service: Service, choices: Mapping[str, str]) -> tuple[int, ...]:
    """Numbers of the items that apply, in their order."""
    return tuple(sorted(guidance(service, choices).applies))


def open_question_faults(found: Guidance) -> Iterator[ServiceFault]:
    """The open questions as faults: an application answers every question."""
    answered_wrongly = {fault.place for fault in found.faults}
    for question in found.questions:
        if (place := f"choices.{question.id}") not in answered_wrongly:
            options = "、".join(f"{each.id}（{each.text}）" for each in question.options)
            yield ServiceFault("choice-missing", place, f"未选择：{question.text}", f"从下列情形中选一项：{options}")


def _brought(service: Service, choices: Mapping[str, str]) -> Iterator[int]:
    for question in service.questions:
        if option := question.option(choices.get(question.id)):
            yield from option.items


def _faults(service: Service, choices: Mapping[str, str]) -> Iterator[ServiceFault]:
    known = "、".join(question.id for question in service.questions) or "本事项不设情形选择"
    for question_id, choice in choices.items():
        question = service.question(question_id)
        if question is None:
            yield ServiceFault(
                "unknown-question", f"choices.{sayable(question_id)}", "没有这个情形问题", f"可答的问题：{known}"
            )
        elif question.option(choice) is None:
            options = "、".join(each.id for each in question.options)
            yield ServiceFault(
                "unknown-choice", f"choices.{question_id}", f"“{question.text}”没有这个选项", f"可选：{options}"
            )
