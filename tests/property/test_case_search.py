"""Lists of cases page by page: every case once, in its order, whatever begins meanwhile, whatever narrows the list."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.cases import CaseFilter, CaseReader, CaseStore, CaseSummary
from processors.cases.search import Order
from tests.processors.cases.writing import CODEC, arrived
from tests.processors.handling_story import DAY_US, SUBMITTED_AT, a_plan, an_application, an_item
from tests.processors.story import request, small_definition
from topics.events import ApplicationSubmitted, CaseEvent, CaseRequested, Place

PLACES = ("610000", "610100", "610102", "610112", "610112001", "620100")
CHANNELS = ("online", "counter", "self-service")
DEPARTMENTS = ("market-regulation", "urban-management", "fire-rescue", "tax", "labour", "nobody")
PLANS = {
    "food-outlet": a_plan(repeatable=True),
    "unstated": a_plan(an_item(1, "tax", limit_days=None), bundle="unstated", lead="tax", repeatable=True),
}
DEFINITIONS = {"small": small_definition()}
SUBJECTS = tuple(f"enterprise:91610131MA6U0ABC{number}D" for number in range(3))
places = st.sampled_from(PLACES).map(lambda code: Place(level="district", code=code))
days = st.integers(0, 6)


@st.composite
def begun(draw: st.DrawFn, name: str) -> CaseEvent:
    """A request or an application; few instants, so that many cases share one."""
    number, at = draw(st.integers(0, 9999)), SUBMITTED_AT + draw(days) * DAY_US
    case_id, subject = f"{name}{number:04}", draw(st.sampled_from(SUBJECTS))
    if draw(st.booleans()):
        return request(
            case_id, DEFINITIONS["small"], requested_at=at, deadline_at=at + DAY_US // 24, subjects=(subject,)
        )
    return an_application(
        event_id=f"{case_id:>16}".encode(),
        case_id=case_id,
        bundle=draw(st.sampled_from(sorted(PLANS))),
        subject=subject,
        channel=draw(st.sampled_from(CHANNELS)),
        received_at=draw(places),
        handled_at=draw(places),
        submitted_at=at,
    )


def several(name: str) -> st.SearchStrategy[list[CaseEvent]]:
    return st.lists(begun(name), min_size=4, max_size=16, unique_by=lambda each: each.case_id)


instants = days.map(lambda each: SUBMITTED_AT + each * DAY_US)
NARROWING: dict[str, st.SearchStrategy[object]] = {
    "subject": st.sampled_from(SUBJECTS),
    "bundle": st.sampled_from(("small", *PLANS)),
    "kind": st.sampled_from(("verification", "handling")),
    "state": st.sampled_from(("open", "ended", "running", "handling")),
    "department": st.sampled_from(DEPARTMENTS),
    "lead": st.sampled_from(("tax", "market-regulation")),
    "channel": st.sampled_from(CHANNELS),
    "place": st.sampled_from(PLACES),
    "requested_from": instants,
    "due_after": instants,
    "due_before": instants,
}


@st.composite
def narrowed(draw: st.DrawFn) -> CaseFilter:
    """By one or two things, or by none, so that something is left to list."""
    names = draw(st.lists(st.sampled_from(sorted(NARROWING)), max_size=2, unique=True))
    return CaseFilter(**{name: draw(NARROWING[name]) for name in names})  # type: ignore[arg-type]


orders: st.SearchStrategy[Order] = st.sampled_from(("newest", "due"))


def fits(wanted: CaseFilter, event: CaseEvent, found: CaseSummary) -> bool:
    """The same filter said over what the case began with; ``found`` gives the deadline that its definition led to."""
    assert isinstance(event, CaseRequested | ApplicationSubmitted)
    deadline = 2**62 if found.deadline_at is None else found.deadline_at
    applied = isinstance(event, ApplicationSubmitted)
    codes = (event.received_at.code, event.handled_at.code) if isinstance(event, ApplicationSubmitted) else ()
    lead = PLANS[event.bundle].lead if applied else "tax"
    parts = {item.departments[0] for item in PLANS[event.bundle].items} if applied else {"tax", "labour"}
    status = "handling" if applied else "running"
    prefix = (wanted.place or "").removesuffix("00").removesuffix("00")
    held = [
        wanted.subject in (None, found.subject),
        wanted.bundle in (None, event.bundle),
        wanted.kind in (None, "handling" if applied else "verification"),
        wanted.state in (None, "open", status),
        wanted.department in (None, lead, *parts),
        wanted.lead in (None, lead),
        wanted.channel is None or wanted.channel == getattr(event, "channel", None),
        wanted.place is None or any(code.startswith(prefix) for code in codes),
        wanted.requested_from is None or found.requested_at >= wanted.requested_from,
        wanted.due_after is None or wanted.due_after <= deadline < (wanted.due_before or 2**62),
        wanted.due_before is None or deadline < wanted.due_before,
    ]
    return all(held)


def pages(reader: CaseReader, wanted: CaseFilter, order: Order, size: int) -> Iterator[tuple[CaseSummary, ...]]:
    page = None
    while True:
        found = reader.cases(wanted, order=order, limit=size, page=page)
        assert len(found.cases) <= size
        yield found.cases
        if (page := found.next_page) is None:
            return


def place_of(found: CaseSummary, order: Order) -> tuple[int, str]:
    deadline = 2**62 if found.deadline_at is None else found.deadline_at
    return (deadline, found.case_id) if order == "due" else (found.requested_at, found.case_id)


@settings(max_examples=120, deadline=None)
@given(several("a"), several("b"), narrowed(), orders, st.integers(1, 5))
def test_pages_hold_every_case_once_whatever_begins_meanwhile(
    first: list[CaseEvent], later: list[CaseEvent], wanted: CaseFilter, order: Order, size: int
) -> None:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'cases.db'}"
        with CaseStore(url, DEFINITIONS, CODEC, plans=PLANS) as store, CaseReader(url) as reader:
            assert store.apply_batch(arrived(*first), now=0).refused_count == 0
            listed: list[CaseSummary] = []
            for number, page in enumerate(pages(reader, wanted, order, size)):
                listed += page
                if number == 0:
                    store.apply_batch(arrived(*later), now=0)
            everything = {each.case_id: each for each in reader.cases(limit=500).cases}
    names = [each.case_id for each in listed]
    expected = {event.case_id for event in first if fits(wanted, event, everything[event.case_id])}
    assert len(set(names)) == len(names), "none twice"
    assert expected <= set(names), "none of those that were there is missing"
    assert set(names) - expected <= {event.case_id for event in later if fits(wanted, event, everything[event.case_id])}
    places = [place_of(each, order) for each in listed]
    assert places == sorted(places, reverse=order == "newest")
