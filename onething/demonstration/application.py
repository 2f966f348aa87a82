"""One enterprise opens a restaurant before the reader's eyes: told once, one form, handled side by side, delivered."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from catalog.bundles import Example, load_bundles
from onething.demonstration.telling import Story
from onething.gateway.case_client import CaseClient
from onething.gateway.client import GatewayRefused
from onething.simulated_cases.rehearsal import plans
from producers.simulation.publication import Published

BUNDLE: Final = "restaurant-opening"
TRIED: Final = 40
"""Some of the made-up enterprises are closed, or were fined by the fire brigade: another one is taken then."""
AWAITED_S: Final = 20.0
LOOK_S: Final = 0.2


class NotHandled(Exception):  # noqa: N818  the name is the fact
    """The application did not come to its end; the message says how it stood."""


def apply(story: Story, url: str, published: Published) -> None:
    """Take one application from its notice to the licence in the archive and the applicant's judgement.

    Raises:
        NotHandled: it did not come to its end, or the archive does not hold its licence.
    """
    example = load_bundles()[BUNDLE].examples[0]
    with CaseClient(url) as client:
        subject = _applicant(client, published, example)
        _tell_notice(story, client, subject, example)
        case_id = _submitted(story, client, subject, example)
        view = _handled(story, client, case_id)
        _tell_end(story, client, subject, view)


def _applicant(client: CaseClient, published: Published, example: Example) -> str:
    enterprises = [subject for subject in published.account.subjects if subject.startswith("enterprise:")]
    for subject in enterprises[:TRIED]:
        if not client.served(BUNDLE, "precheck", _body(subject, example))["faults"]:
            return subject
    raise NotHandled(f"none of {TRIED} enterprises may open a restaurant")


def _body(subject: str, example: Example) -> dict[str, Any]:
    return {
        "subject": subject.partition(":")[2],
        "choices": dict(example.choices),
        "form": dict(example.form),
        "materials": [{"id": each["material"], "means": each["means"]} for each in example.supplied],
        "delivery": {"means": "e-licence"},
    }


def _tell_notice(story: Story, client: CaseClient, subject: str, example: Example) -> None:
    choices = {"subject": subject.partition(":")[2], "choices": dict(example.choices)}
    notice = client.served(BUNDLE, "notice", choices)
    held, needed = notice["held"], notice["needed"]
    story.tell(f"一次告知：{len(notice['items'])} 项适用；已有材料 {len(held)} 件无需提交，尚需 {len(needed)} 件")
    form = client.served(BUNDLE, "form", choices)
    story.tell(f"一表申报：共 {form['counts']['total']} 项，共享已填 {form['counts']['filled']} 项")
    faults = client.served(BUNDLE, "precheck", {**choices, "form": {}, "materials": []})["faults"]
    story.tell(f"预审一份空表：一次指出 {len(faults)} 处问题 (every fault at once)")


def _submitted(story: Story, client: CaseClient, subject: str, example: Example) -> str:
    body = {**_body(subject, example), "bundle": BUNDLE, "submitted_by": "演示申请人"}
    case_id = str(client.submit(body, "demo-restaurant", AWAITED_S)["case_id"])
    story.tell(f"一口受理：{subject.partition(':')[2]}，办件编号 {case_id}")
    return case_id


def _handled(story: Story, client: CaseClient, case_id: str) -> dict[str, Any]:
    """Play two persons of each department until the case has ended."""
    deadline = time.monotonic() + AWAITED_S
    decided: list[str] = []
    while (view := client.application(case_id))["status"] not in ("delivered", "refused", "withdrawn"):
        decided += [word for task in _open_tasks(view) for word in _decide(client, view, task)]
        if time.monotonic() > deadline:
            raise NotHandled(f"the case is {view['status']}: {_states(view)}")
        time.sleep(LOOK_S)
    story.tell(f"并联审批，经办、审核各一人 (two persons each): {'；'.join(decided)}")
    return view


def _open_tasks(view: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return (each for each in view["assignments"] if each["state"] == "open" and each["kind"] == "item")


def _decide(client: CaseClient, view: Mapping[str, Any], task: Mapping[str, Any]) -> Iterator[str]:
    department = task["department"]["code"]
    decision = {"decision": "approve", "handled_by": "经办人甲", "results": list(_results(task["number"]))}
    try:
        state = client.decide(department, task["assignment_id"], decision)
        if state["state"] == "handled":
            client.review(department, task["assignment_id"], {"approved": True, "reviewed_by": "审核人乙"})
    except GatewayRefused:
        # Another look shows how it stands; the case's own end is what counts.
        return
    yield f"{task['department']['name']} {view['items'][task['number'] - 1]['text']}"


def _results(number: int) -> Iterator[dict[str, Any]]:
    """The document that the item ends with; without a record id, the hub states it for the department."""
    item = plans()[BUNDLE].item(number)
    if item.result_name is not None:
        yield {"name": item.result_name, "resource": item.result_resource}


def _tell_end(story: Story, client: CaseClient, subject: str, view: Mapping[str, Any]) -> None:
    if view["status"] != "delivered" or view["outcome"] != "approved":
        raise NotHandled(f"the case ended {view['status']}, {view['outcome']}: {_states(view)}")
    licences = _licences(client, subject, view["case_id"])
    story.tell(f"一窗发证：办结，电子证照已入档 (in the archive already): {'、'.join(licences)}")
    judged = client.act(view["case_id"], "evaluation", {"stars": 5, "evaluated_by": "演示申请人"})
    story.tell(f"好差评：{judged['evaluation']['stars']} 星；容缺、承诺材料到期由系统提醒并安排事后核查")


def _licences(client: CaseClient, subject: str, case_id: str) -> Sequence[str]:
    deadline = time.monotonic() + AWAITED_S
    while True:
        records = client.archive(subject, [("purpose", "演示"), ("grant", "demonstration")], 10)["records"]
        names = [
            each["content"].get("licence_name") or each["content"].get("title")
            for each in records
            if each["case_id"] == case_id
        ]
        due = sum(plans()[BUNDLE].item(number).result_resource is not None for number in (2, 3, 4))
        if len(names) >= due:
            return [str(each) for each in names]
        if time.monotonic() > deadline:
            raise NotHandled(f"the archive holds {len(names)} of the {due} results of case {case_id}")
        time.sleep(LOOK_S)


def _states(view: Mapping[str, Any]) -> str:
    return ", ".join(f"{each['number']} {each['state']}" for each in view["items"])
