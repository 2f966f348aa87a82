"""What an application, and what follows it from the applicant, must hold to be taken."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

from processors.domain.handling.plan import DELIVERY_MEANS, LATER, PROMISE, HandlingPlan
from processors.domain.requests import Refusal, is_name, is_subject, time_fault
from topics.events import ApplicationSubmitted, Place, SuppliedMaterial

CHANNELS: Final = ("online", "counter", "self-service")
MODES: Final = ("whole-online", "collected-elsewhere", "joint-places")
LEVELS: Final = ("city", "district", "street", "community")
MEANS: Final = ("archive", "upload", "paper", PROMISE, LATER)


def application_faults(application: ApplicationSubmitted, plan: HandlingPlan | None) -> tuple[Refusal, ...]:
    """Everything for which this application is refused; empty when it may be taken."""
    if plan is None or plan.bundle != application.bundle:
        return (Refusal("unknown-bundle", f"no bundle is called {application.bundle!r}"),)
    if fault := time_fault(application.submitted_at):
        return (fault,)
    return (
        *_plan_faults(plan),
        *_subject_faults(application, plan),
        *_word_faults(application, plan),
        *_choice_faults(application, plan),
        *material_faults(application.materials, plan),
        *_text_faults(application),
    )


def material_faults(materials: tuple[SuppliedMaterial, ...], plan: HandlingPlan) -> Iterator[Refusal]:
    """Materials named twice, come by unknown means, or promised where the bundle does not allow it."""
    for material, times in Counter(each.material for each in materials).items():
        if times > 1:
            yield Refusal("material-repeated", f"material {material!r} stands more than once")
    for each in materials:
        if not is_name(each.material):
            yield Refusal("bad-material", "a material's id is short and printable")
        if each.means not in MEANS:
            yield Refusal("bad-means", f"{each.material}: means is one of {', '.join(MEANS)}")
        elif each.means in (PROMISE, LATER) and plan.commitment(each.material, each.means) is None:
            yield Refusal("no-commitment", f"{each.material}: the bundle does not let it come by {each.means}")


def _plan_faults(plan: HandlingPlan) -> Iterator[Refusal]:
    if plan.unrouted:
        numbers = ", ".join(map(str, plan.unrouted))
        yield Refusal("unrouted-items", f"nobody is named yet for item {numbers} of {plan.bundle}; assign a route")


def _subject_faults(application: ApplicationSubmitted, plan: HandlingPlan) -> Iterator[Refusal]:
    if not is_subject(application.subject):
        # The value is not repeated: it might be an ID number that was sent by mistake.
        yield Refusal("bad-subject", "subject is neither enterprise:<USCC> nor person:<token>")
    elif not application.subject.startswith(f"{plan.subject_kind}:"):
        yield Refusal("wrong-subject-kind", f"this bundle is for a subject of kind {plan.subject_kind}")
    if application.agent is not None and not is_subject(application.agent):
        yield Refusal("bad-agent", "agent is neither enterprise:<USCC> nor person:<token>")
    if application.agent is not None and not (application.authority or "").strip():
        yield Refusal("no-authority", "an agent acts under an authority (授权书): name it")


def _word_faults(application: ApplicationSubmitted, plan: HandlingPlan) -> Iterator[Refusal]:
    words = (
        ("channel", application.channel, CHANNELS),
        ("mode", application.mode, MODES),
        ("delivery.means", application.delivery.means, tuple(m for m in DELIVERY_MEANS if m in plan.delivery_means)),
    )
    for name, word, known in words:
        if word not in known:
            yield Refusal(f"bad-{name.replace('.', '-')}", f"{name} is one of {', '.join(known)}")
    for name, place in (("received_at", application.received_at), ("handled_at", application.handled_at)):
        yield from _place_faults(name, place)
    if application.delivery.means == "mail" and not application.delivery.address:
        yield Refusal("no-address", "delivery by mail needs an address")


def _place_faults(name: str, place: Place) -> Iterator[Refusal]:
    if place.level not in LEVELS:
        yield Refusal("bad-level", f"{name}.level is one of {', '.join(LEVELS)}")
    if not is_name(place.code):
        yield Refusal("bad-place", f"{name}.code is 1 to 500 printable characters")


def _choice_faults(application: ApplicationSubmitted, plan: HandlingPlan) -> Iterator[Refusal]:
    situations = {each.question: each for each in plan.situations}
    for question, times in Counter(each.question for each in application.choices).items():
        if times > 1:
            yield Refusal("choice-repeated", f"question {question!r} is answered more than once")
    for choice in application.choices:
        if choice.question not in situations:
            yield Refusal("unknown-question", f"the bundle asks no question {choice.question!r}")
        elif choice.choice not in situations[choice.question].choices:
            yield Refusal("unknown-choice", f"question {choice.question!r} has no choice {choice.choice!r}")
    for question in situations.keys() - {each.question for each in application.choices}:
        yield Refusal("question-open", f"question {question!r} is not answered")
    if not plan.applicable((each.question, each.choice) for each in application.choices):
        yield Refusal("nothing-applies", "no item applies under these choices")


def _text_faults(application: ApplicationSubmitted) -> Iterator[Refusal]:
    texts = {"case_id": application.case_id, "purpose": application.purpose, "submitted_by": application.submitted_by}
    for name, value in texts.items():
        if not is_name(value):
            yield Refusal(f"bad-{name.replace('_', '-')}", f"{name} is 1 to 500 printable characters")
    counts = msgspec.structs.asdict(application)
    if min(counts[name] for name in ("fields_total", "fields_filled", "fields_shareable")) < 0:
        yield Refusal("bad-count", "a count of fields is not negative")
