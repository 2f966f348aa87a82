"""What waits at a department: checks that its people are asked for and assignments of applications, as one list."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from onething.console.case_words import ANSWERS
from onething.console.elements import Tone
from onething.console.hub import HubFault, hub, segment
from onething.console.language import Words
from onething.console.merging import Ask, Row, merged
from onething.console.server_table import Rows, Wanted

CHECK: Final = "check"
ITEM: Final = "item"
KINDS: Final[Mapping[str, Words]] = {
    CHECK: Words("核查", "check"),
    ITEM: Words("办理事项", "item"),
    "delivery": Words("发证", "delivery"),
    "commitment-check": Words("承诺核查", "promise"),
    "rectification": Words("差评整改", "rectification"),
}
STATES: Final[Mapping[str, tuple[Words, Tone]]] = {
    "open": (Words("待经办", "to be handled"), "running"),
    "handled": (Words("待审核", "to be reviewed"), "warning"),
    "supplementing": (Words("待补正", "waits for supplements"), "warning"),
    "suspended": (Words("已中止", "suspended"), "quiet"),
    "approved": (Words("通过", "approved"), "good"),
    "refused": (Words("不予通过", "refused"), "bad"),
    "answered": (Words("已答复", "answered"), "good"),
    "passed-on": (Words("已转办", "passed on"), "quiet"),
    "returned": (Words("已退回", "returned"), "quiet"),
    "closed": (Words("已关闭", "closed"), "quiet"),
}
DECISIONS: Final[Mapping[str, Words]] = {
    "approve": Words("通过", "approve"),
    "refuse": Words("不予通过", "refuse"),
    "supplement": Words("一次告知补正", "ask for supplements"),
    "suspend": Words("中止", "suspend"),
    "resume": Words("恢复", "resume"),
    "pass-on": Words("转办", "pass on"),
    "return": Words("退回牵头部门", "return to the lead"),
}
GIVEN: Final = ("clear", "found", "disputed", "unavailable", "source-behind", "no-such-subject")
"""What a department's people may answer to a check."""

OPEN: Final = "open"
HANDLED: Final = "handled"
_NO_END: Final = "9999"


def answer_words() -> dict[str, str]:
    """The answers that people may give, in words."""
    return {answer: str(ANSWERS[answer][0]) for answer in GIVEN}


async def inbox_page(code: str, wanted: Wanted) -> Rows:
    """One page of what waits, what is due first standing first; nothing asked for is what is still to be done."""
    rows, after = await merged(_lists(code, wanted.filters), _due, wanted.after, wanted.limit)
    return Rows(rows, after)


def check_row(task: Mapping[str, Any]) -> Row:
    """A check that people are asked for, as a row of the inbox."""
    proposed = task["proposed"]
    return {
        "id": task["task_id"],
        "kind": CHECK,
        "item": None,
        "text": task["question"],
        "case_id": task["case_id"],
        "case_path": f"/verifications/{task['case_id']}",
        "bundle": task["bundle"],
        "purpose": task["purpose"],
        "subject": task["subject"],
        "state": task["status"],
        "arrived_at": task["assigned_at"],
        "due_at": task["due_at"],
        "overdue": False,
        "proposed": None if proposed is None else (str(ANSWERS[proposed["answer"]][0]), proposed["note"]),
        "handled_by": None if proposed is None else proposed["handled_by"],
        "review_note": task["review_note"],
    }


def assignment_row(given: Mapping[str, Any]) -> Row:
    """An assignment of an application, as a row of the inbox."""
    proposed = given["proposed"]
    told = None if proposed is None else (str(DECISIONS[proposed["decision"]]), proposed.get("reason"))
    return {
        "id": given["assignment_id"],
        "kind": given["kind"],
        "item": given["item"],
        "text": given["text"],
        "case_id": given["case_id"],
        "case_path": f"/applications/{given['case_id']}",
        "bundle": given["bundle"],
        "purpose": given.get("purpose", ""),
        "subject": given["subject"],
        "state": given["state"],
        "arrived_at": given["dispatched_at"],
        "due_at": given["due_at"],
        "overdue": given["overdue"],
        "proposed": told,
        "handled_by": None if proposed is None else proposed["handled_by"],
        "review_note": given["review_note"],
    }


async def registered(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's item as the register elaborates it; nothing where it does not."""
    if row["kind"] != ITEM or not row["item"]:
        return {}
    try:
        return await hub().get(f"/v1/items/{segment(row['item'])}")
    except HubFault as fault:
        if fault.is_missing:
            return {}
        raise


def _lists(code: str, filters: Mapping[str, str]) -> dict[str, Ask]:
    state, kind = filters.get("state", ""), filters.get("kind", "")
    lists: dict[str, Ask] = {}
    if kind in ("", CHECK):
        statuses = (OPEN, HANDLED) if not state else (state,)
        lists |= {f"checks-{each}": partial(_checks, code, each) for each in statuses if each in (OPEN, HANDLED)}
    if kind != CHECK:
        lists["assignments"] = partial(_assignments, code, state or "active", kind or "any")
    return lists


async def _checks(code: str, status: str, mark: str, size: int) -> tuple[list[Row], str | None]:
    found = await hub().get(f"/v1/departments/{segment(code)}/tasks", status=status, page=mark, page_size=size)
    return [check_row(each) for each in found["tasks"]], found["next_page"]


async def _assignments(code: str, state: str, kind: str, mark: str, size: int) -> tuple[list[Row], str | None]:
    path = f"/v1/departments/{segment(code)}/assignments"
    found = await hub().get(path, state=state, kind=kind, page=mark, page_size=size)
    return [assignment_row(each) for each in found["assignments"]], found["next_page"]


def _due(row: Row) -> tuple[str, str]:
    return row["due_at"] or _NO_END, row["id"]
