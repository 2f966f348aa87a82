"""Cases of both kinds found by subject, bundle, department, place, state and deadline; evaluations likewise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from fastapi import APIRouter, Query
from starlette.responses import Response

from catalog.bundles import Bundle
from onething.gateway.case_rows import Listed, PageOf
from onething.gateway.handling_acts import HandlingDoor, demand_department
from onething.gateway.handling_rows import CaseSearch, EvaluationSearch
from onething.gateway.handling_view import handling_view
from onething.gateway.instants import instant_of
from onething.gateway.pages import PageQuery, PageSizeQuery, listed_page
from onething.gateway.problems import Fault, JsonResponse, request_refused
from onething.gateway.verification_request import text_fault
from processors.domain.case import CaseStatus
from processors.domain.handling.application import CHANNELS
from processors.domain.handling.state import HandlingStatus
from topics.identifiers import SUBJECT_KINDS, check_subject

KindQuery = Annotated[Literal["verification", "handling", "any"], Query(description="核查或办件")]
OrderQuery = Annotated[
    Literal["newest", "oldest", "due", "due-last"],
    Query(description="by submission, newest or oldest first; by deadline, due first or last"),
]
StateQuery = Annotated[str, Query(description="open | ended | a status such as handling; all when left out")]
DueQuery = Annotated[str, Query(description="ISO 8601 or µs UTC")]
StarsQuery = Annotated[int | None, Query(ge=1, le=5, description="so many stars or fewer")]
STATES: Final = (
    "open",
    "ended",
    *get_args(CaseStatus),
    *get_args(HandlingStatus),
)
_ITEM_FIELDS: Final = ("number", "item", "text", "state", "word")


@dataclass(frozen=True)
class SearchDoor:
    """What the routes of searches work with."""

    handlings: HandlingDoor
    bundles: Mapping[str, Bundle]


def search_router(door: SearchDoor) -> APIRouter:
    """Routes that find cases."""
    router = APIRouter(prefix="/v1", tags=["办件查询 cases"])

    @router.get("/cases", summary="办件查询")
    async def cases(
        subject: str = "",
        bundle: str = "",
        department: Annotated[str, Query(description="部门代码: takes part in it, or leads it")] = "",
        lead: Annotated[str, Query(description="部门代码: leads it")] = "",
        place: Annotated[str, Query(description="收件地或办理地: a region code")] = "",
        state: StateQuery = "",
        kind: KindQuery = "any",
        channel: str = "",
        due_before: DueQuery = "",
        overdue: bool | None = None,
        order: OrderQuery = "newest",
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        known = _Known(door)
        _demand(
            known.bundle(bundle),
            known.department(department),
            known.department(lead, "lead"),
            known.place(place),
            known.state(state),
            _channel(channel),
        )
        only = CaseSearch(
            kind=None if kind == "any" else kind,
            subject=_subject(subject),
            bundle=bundle or None,
            department=department or None,
            lead=lead or None,
            place=place or None,
            channel=channel or None,
            state=state or None,
            due_before=instant_of("due_before", due_before),
            overdue=overdue,
            order=order,
        )
        return _cases(door, await listed_page(door.handlings.rows.search(only, PageOf(page_size, page or None))))

    @router.get("/departments/{code}/cases", summary="部门办件：牵头看全部，参与看本部门")
    async def department_cases(
        code: str,
        role: Literal["lead", "part"] = "part",
        state: StateQuery = "open",
        order: OrderQuery = "due",
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        demand_department(door.handlings.organisations, code)
        _demand(_Known(door).state(state))
        leads = role == "lead"
        only = CaseSearch(
            kind="handling",
            lead=code if leads else None,
            department=None if leads else code,
            state=state or None,
            order=order,
        )
        found = await listed_page(door.handlings.rows.search(only, PageOf(page_size, page or None)))
        rows = [{**_named(door, row), "items": await _items(door, row["case_id"], code)} for row in found.rows]
        return JsonResponse({"cases": rows, "next_page": found.next_page})

    @router.get("/evaluations", summary="好差评列表（不含评价文字）")
    async def evaluations(
        bundle: str = "",
        department: str = "",
        most_stars: StarsQuery = None,
        begin: DueQuery = "",
        end: DueQuery = "",
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        _demand(_Known(door).bundle(bundle), _Known(door).department(department))
        only = EvaluationSearch(
            bundle or None, department or None, most_stars, instant_of("begin", begin), instant_of("end", end)
        )
        found = await listed_page(door.handlings.rows.evaluations(only, PageOf(page_size, page or None)))
        return JsonResponse({"evaluations": found.rows, "next_page": found.next_page})

    return router


@dataclass(frozen=True)
class _Known:
    """What may be searched for; a word that nothing bears finds nothing and is told as a fault instead."""

    door: SearchDoor

    def bundle(self, text: str) -> Fault | None:
        if not text or text in self.door.bundles:
            return None
        return Fault("bundle", "unknown-bundle", "no bundle has this id: GET /v1/bundles lists them")

    def department(self, text: str, field: str = "department") -> Fault | None:
        if not text or text in self.door.handlings.organisations.by_code:
            return None
        return Fault(field, "unknown-department", "an organisation's code is due, such as market-regulation")

    def place(self, text: str) -> Fault | None:
        return text_fault("place", text, required=False)

    def state(self, text: str) -> Fault | None:
        if not text or text in STATES:
            return None
        return Fault("state", "unknown-state", f"one of {', '.join(STATES)} is due")


def _channel(text: str) -> Fault | None:
    if not text or text in CHANNELS:
        return None
    return Fault("channel", "unknown-channel", f"one of {', '.join(CHANNELS)} is due")


def _demand(*faults: Fault | None) -> None:
    if found := [fault for fault in faults if fault is not None]:
        raise request_refused(found)


def _cases(door: SearchDoor, found: Listed) -> Response:
    rows = [_named(door, row) for row in found.rows]
    return JsonResponse({"cases": rows, "next_page": found.next_page, "total": found.total})


def _named(door: SearchDoor, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the names that people know the bundle and the lead by."""
    bundle = door.bundles.get(row["bundle"])
    lead = door.handlings.organisations.by_code.get(row["lead"])
    kind = "applications" if row["kind"] == "handling" else "verifications"
    return {
        **row,
        "bundle_name": row["bundle"] if bundle is None else bundle.name,
        "lead_name": row["lead"] if lead is None else lead.name,
        "links": {"self": f"/v1/{kind}/{row['case_id']}"},
    }


async def _items(door: SearchDoor, case_id: str, department: str) -> list[dict[str, Any]]:
    """The items of a case that are this department's to see: all of them for the lead."""
    stored = await door.handlings.rows.handling(case_id)
    shown = [] if stored is None else handling_view(stored, department)["items"]
    return [{name: each[name] for name in _ITEM_FIELDS} for each in shown]


def _subject(text: str) -> str | None:
    if not text:
        return None
    subject = text if text.partition(":")[0] in SUBJECT_KINDS else f"enterprise:{text}"
    if reason := check_subject(subject):
        raise request_refused([Fault("subject", "not-a-subject", reason)])
    return subject
