"""四减 and 好差评 as figures: what cases took beside what they took before, and how they were judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from catalog.bundles import Baseline, Bundle
from catalog.evaluation_counts import Evaluated, evaluations_by
from catalog.evaluations import load_evaluation_rule
from catalog.savings import MEASURES, FinishedCase, savings
from catalog.working_days import load_calendar
from onething.gateway.handling_acts import HandlingDoor
from onething.gateway.handling_rows import Span
from onething.gateway.instants import instant_of
from onething.gateway.problems import JsonResponse
from onething.gateway.service_desk import no_such_bundle
from onething.reduction_rows import evaluation_view, saving_view

InstantQuery = Annotated[str, Query(description="ISO 8601 or µs UTC")]


@dataclass(frozen=True)
class ReductionDoor:
    """What the routes of figures work with."""

    handlings: HandlingDoor
    bundles: Mapping[str, Bundle]


def reduction_router(door: ReductionDoor) -> APIRouter:
    """Routes of figures; mounted before those that take any word for a bundle's id."""
    router = APIRouter(prefix="/v1", tags=["四减与好差评 figures"])

    @router.get("/bundles/savings", summary="四减：各件事实际与改革前")
    async def all_savings(begin: InstantQuery = "", end: InstantQuery = "") -> Response:
        cases = await door.handlings.rows.finished(None, _span(begin, end))
        return JsonResponse({"savings": _savings(door, cases)})

    @router.get("/bundles/{bundle}/savings", summary="四减：一件事实际与改革前")
    async def bundle_savings(bundle: str, begin: InstantQuery = "", end: InstantQuery = "") -> Response:
        if bundle not in door.bundles:
            raise no_such_bundle(bundle)
        found = _savings(door, await door.handlings.rows.finished(bundle, _span(begin, end)))
        return JsonResponse(found[0] if found else _nothing_taken(door.bundles[bundle]))

    @router.get("/evaluations/counts", summary="好差评统计：按一件事或按牵头部门")
    async def counts(
        by: Literal["bundle", "lead"] = "bundle", begin: InstantQuery = "", end: InstantQuery = ""
    ) -> Response:
        judged = await door.handlings.rows.evaluated(None, _span(begin, end))
        return JsonResponse({"evaluations": _counts(door, judged, by)})

    return router


def _savings(door: ReductionDoor, cases: tuple[FinishedCase, ...]) -> list[dict[str, Any]]:
    before = {id_: bundle.baseline for id_, bundle in door.bundles.items()}
    found = savings(cases, before, load_calendar().working_days_between)
    return [saving_view(each, _name(door, each.bundle), _origin(before.get(each.bundle))) for each in found]


def _origin(baseline: Baseline | None) -> str | None:
    return None if baseline is None else baseline.origin


def _nothing_taken(bundle: Bundle) -> dict[str, Any]:
    """A bundle without a delivered case: only what it took before, where that is stated."""
    before = bundle.baseline
    measures: dict[str, Any] = {
        name: {"before": getattr(before, name, None), "median": None, "mean": None, "saved": None, "saved_part": None}
        for name in MEASURES
    }
    return {"bundle": bundle.id, "name": bundle.name, "count": 0, "before_origin": _origin(before), **measures}


def _counts(door: ReductionDoor, judged: tuple[Evaluated, ...], by: str) -> list[dict[str, Any]]:
    rule, due_at, now = load_evaluation_rule(), load_calendar().due_at, door.handlings.clock()
    found = evaluations_by(lambda each: str(getattr(each, by)), judged, rule, due_at, now)
    name_of = _name if by == "bundle" else _lead
    return [evaluation_view({by: key, "name": name_of(door, key)}, each) for key, each in sorted(found.items())]


def _name(door: ReductionDoor, bundle: str) -> str:
    return door.bundles[bundle].name if bundle in door.bundles else bundle


def _lead(door: ReductionDoor, code: str) -> str:
    organisation = door.handlings.organisations.by_code.get(code)
    return code if organisation is None else organisation.name


def _span(begin: str, end: str) -> Span:
    return Span(instant_of("begin", begin), instant_of("end", end))
