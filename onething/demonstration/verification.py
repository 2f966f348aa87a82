"""One enterprise verified before the reader's eyes, its report saved and held against the made-up city's own truth."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from catalog.bundles import load_bundles
from onething.commands.verify import run_verification, save_report
from onething.demonstration.telling import Story
from onething.gateway.client import GatewayRefused, HubClient
from onething.settings import Settings
from producers.simulation.publication import Published

BUNDLE: Final = "listing-compliance"
GIVEN_BY_PEOPLE: Final = "clear"
UNANSWERED: Final = frozenset(("source-behind", "unavailable"))
"""Where the archive cannot answer, the department is asked, and its people answer."""
LOOK_S: Final = 0.2


class AnswersDiffer(Exception):  # noqa: N818  the name is the fact
    """A line of the report is not what the made-up city's own truth says."""


def chosen_subject(published: Published) -> str:
    """An enterprise about which much is to be told: something found, and some department to be asked."""
    answers = published.account.answers.answers
    return max(answers, key=lambda subject: len(set(answers[subject].values())))


def asked_departments(published: Published, subject: str) -> list[str]:
    """Whose data cannot answer about this enterprise, so that their people are asked."""
    answers = published.account.answers.answers[subject]
    asked = [item for item in load_bundles()[BUNDLE].checks if answers[str(item.id)] in UNANSWERED]
    return sorted({department for item in asked for department in item.departments})


def verify(story: Story, settings: Settings, url: str, subject: str, asked: Sequence[str]) -> dict[str, Any]:
    """Verify with the asked departments at work; the case with its report, which is saved as JSON and as text."""
    body = {
        "bundle": BUNDLE,
        "subject": subject.partition(":")[2],
        "purpose": "企业上市（演示）",
        "requested_by": "演示",
    }
    with HubClient(url) as client:
        with people_at_work(story, url, asked):
            view = run_verification(client, body, settings.lang)
        text = client.report_text(view["case_id"], settings.lang)
    saved = save_report(view["report"], text, settings.data_dir / "reports" / f"{view['case_id']}.json")
    story.tell("报告已存 report saved: " + "　".join(map(str, saved)))
    return view


@contextmanager
def people_at_work(story: Story, url: str, departments: Sequence[str]) -> Iterator[None]:
    """Play two persons of each department meanwhile: one handles what is asked, the other reviews it."""
    ending, answered = threading.Event(), list[str]()
    people = threading.Thread(target=_work, args=(url, departments, ending, answered), name="people", daemon=True)
    people.start()
    try:
        yield
    finally:
        ending.set()
        people.join()
        if answered:
            story.tell(f"由部门人员经办、审核 (handled and reviewed by two persons): {'、'.join(answered)}")


def _work(url: str, departments: Sequence[str], ending: threading.Event, answered: list[str]) -> None:
    with HubClient(url) as client:
        while not ending.wait(LOOK_S):
            for department in departments:
                for task in client.tasks(department, "open")["tasks"]:
                    _answer(client, department, task["task_id"])
                    answered.append(f"{department} · {task['check_id']}")


def _answer(client: HubClient, department: str, task_id: str) -> None:
    note = "经人工查询，未发现记录（演示）"
    handled = {"answer": GIVEN_BY_PEOPLE, "handled_by": "经办人甲", "note": note}
    # A task that its deadline closed meanwhile is no fault of the demonstration: the report says so.
    with suppress(GatewayRefused):
        if client.answer_task(department, task_id, handled)["status"] == "handled":
            client.review_task(department, task_id, {"approved": True, "reviewed_by": "审核人乙", "note": None})


def hold_against_truth(story: Story, view: Mapping[str, Any], published: Published, subject: str) -> None:
    """Compare each line with what plain Python over the generated facts says.

    Raises:
        AnswersDiffer: at least one line is another.
    """
    expected = published.account.answers.answers[subject]
    wrong = [text for line in view["lines"] if (text := _difference(line, expected[line["check_id"]]))]
    if wrong:
        raise AnswersDiffer("\n".join(wrong))
    story.tell(f"{len(view['lines'])} 项结论与模拟城市的事实逐项相符 (every line is what the generated facts say)")


def _difference(line: Mapping[str, Any], expected: str) -> str:
    due = GIVEN_BY_PEOPLE if expected in UNANSWERED else expected
    return "" if line["answer"] == due else f"{line['number']}. {line['text']}: {line['answer']}, expected {due}"
