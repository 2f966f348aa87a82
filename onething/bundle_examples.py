"""Examples of bundles run through what ships: doors for facts, rules of service, checks, handling; no hub is needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from catalog.bundles import Bundle, Example
from catalog.resources import load_resources
from onething.simulated_cases.rehearsal import Rehearsal
from processors.domain.answers import strongest
from processors.domain.archive import ArchiveRecord, KnownFact, fold
from processors.domain.checks import Question, SubjectArchive, answer_part
from processors.domain.service import (
    Application,
    Archive,
    Precheck,
    applicable_items,
    archive_of_records,
    load_services,
    notice,
    one_form,
    precheck,
)
from producers.drafts import CheckedDraft, DraftRules, examine
from producers.simulation.cases.actors import CaseActors
from producers.simulation.cases.acts import Act, event_id
from producers.simulation.cases.script import CaseScript, ItemScript, is_handled
from topics.events import ChecksAnswered, ChecksRequested, SuppliedMaterial
from topics.identifiers import make_resident_id

DAY_US: Final = 86_400_000_000
HOUR_US: Final = 3_600_000_000
MADE_UP: Final = "made-up"
COMMON: Final = frozenset(
    ("event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at", "case_id")
)
_SOMEBODY: Final = make_resident_id("610199", date(1993, 6, 15), 12)


@dataclass(frozen=True)
class Difference:
    """What an example says of ``what``, and what came of it."""

    what: str
    expected: Any
    got: Any


@dataclass(frozen=True)
class Coverage:
    """What a source said of its completeness, as a replica keeps it."""

    resource: str
    complete_until: int
    reconciled: int = 1
    position: str = "1"
    fault: str | None = None


class ExampleFactRefused(ValueError):  # noqa: N818  the name is the fact
    """A fact of an example that the publishing door refuses; the message names every fault of it."""


@dataclass(frozen=True)
class ExampleRun:
    """An example of a bundle, ready to be run.

    Beside what ``Example`` names, its table says ``at`` (when the application comes), ``subject`` (``kind`` and
    ``id``, or ``born_on`` of a made-up person), ``behind`` (resources whose coverage is old) and ``decisions`` (item
    number → what its department decides; approve where it says nothing). A form's value "made-up" is somebody's
    resident ID.
    """

    bundle: Bundle
    example: Example

    @cached_property
    def at(self) -> int:
        """When the application comes, µs UTC."""
        return int(datetime.fromisoformat(self.example.rest["at"]).timestamp()) * 1_000_000

    @cached_property
    def subject(self) -> dict[str, str]:
        """The subject as a department names it in a draft."""
        told: Mapping[str, str] = self.example.rest["subject"]
        if told["kind"] == "enterprise":
            return {"kind": "enterprise", "id": told["id"]}
        return {"kind": "person", "id": make_resident_id("610199", date.fromisoformat(told["born_on"]), 8)}

    @property
    def subject_key(self) -> str:
        """The subject in the log, which knows persons by tokens alone."""
        return f"enterprise:{self.subject['id']}" if self.subject["kind"] == "enterprise" else f"person:{'5' * 32}"

    @cached_property
    def records(self) -> tuple[ArchiveRecord, ...]:
        """The archive's records that the example's facts come to.

        Raises:
            ExampleFactRefused: the publishing door refuses one.
        """
        return fold(self._fact(place, told) for place, told in enumerate(self.example.facts))

    @cached_property
    def archive(self) -> Archive:
        """The archive as the rules of service read it."""
        return archive_of_records(self.subject_key, self.records, self.complete_until)

    @property
    def complete_until(self) -> dict[str, int]:
        """Every source complete until an hour ago, but for those that the example names as behind."""
        behind = self.example.rest.get("behind", ())
        return {
            code: self.at - 60 * DAY_US if code in behind else self.at - HOUR_US for code in load_resources().by_code
        }

    @property
    def form(self) -> dict[str, Any]:
        """What the applicant fills in."""
        return {name: _SOMEBODY if value == MADE_UP else value for name, value in self.example.form.items()}

    @cached_property
    def prechecked(self) -> Precheck:
        """What the pre-check says of the application."""
        supplied = tuple(SuppliedMaterial(**each) for each in self.example.supplied)
        application = Application(
            subject=self.subject_key, choices=self.example.choices, form=self.form, materials=supplied
        )
        return precheck(load_services()[self.bundle.id], application, self.archive, self.at)

    def checked(self, place: int) -> CheckedDraft:
        """A fact as the publishing door takes it.

        Raises:
            ExampleFactRefused: the door refuses it.
        """
        told = self.example.facts[place]
        content = dict(told["content"])
        if told["type"] == "PersonRegistered":
            content["resident_id"] = self.subject["id"]
        draft = {
            "type": told["type"],
            "source": told["resource"].partition(".")[0],
            "resource": told["resource"],
            "subject": self.subject,
            "record_id": f"{told['resource']}:{place}",
            "version": 1,
            "valid_at": told["valid_at"],
            "case_id": None,
            "content": content,
        }
        taken = examine(draft, DraftRules(draft["source"], load_resources()), self.at)
        if not isinstance(taken, CheckedDraft):
            faults = "；".join(f"{each.field} {each.reason}" for each in taken)
            raise ExampleFactRefused(f"example {self.example.name!r}, facts[{place}]: {faults}")
        return taken

    def differences(self) -> Iterator[Difference]:
        """Yield where what came of the example is not what it expects; what it does not name is not judged."""
        told = self.example.expect
        expected = {"answers": {}, "refused": [], **told} if "end" in told else told
        outcome = self.outcome()
        for what, wanted in expected.items():
            if _ordered(wanted) != outcome.get(what):
                yield Difference(what, _ordered(wanted), outcome.get(what))

    def outcome(self) -> dict[str, Any]:
        """What comes of the example: items, fields filled, materials needed, faults and, where it has an end, that."""
        service = load_services()[self.bundle.id]
        choices = self.example.choices
        form = one_form(service, choices, self.archive, self.at)
        told = notice(service, choices, self.archive, self.at)
        before: dict[str, Any] = {
            "items": list(applicable_items(service, choices)),
            "filled": sorted({view.id for view in form.fields if view.is_filled}),
            "needed": sorted({each.id for each in told.needed}),
            "faults": sorted({f"{fault.code} {fault.place}" for fault in self.prechecked.faults}),
        }
        return before | (self._ended() if "end" in self.example.expect else {})

    def _ended(self) -> dict[str, Any]:
        play, answers = self.played()
        refused = [each.detail for each in play.refusals]
        return {"answers": answers, "end": play.case.status, "outcome": play.case.outcome, "refused": refused}

    def played(self) -> tuple[Rehearsal, dict[str, str]]:
        """The case handled to its end, and what the archive answered on each check."""
        play = Rehearsal(CaseActors(self._script()), self.at)
        play.run([play.actors.submit(self.at)])
        said: dict[str, list[str]] = {}
        for asked in [each for each in play.emits if isinstance(each, ChecksRequested)]:
            answered = self._answers_of(asked)
            for answer in answered.answers:
                said.setdefault(answer.check_id, []).append(answer.answer)
            play.run([Act(answered)])
        return play, {check_id: strongest(answers) for check_id, answers in said.items()}

    def _fact(self, place: int, told: Mapping[str, Any]) -> KnownFact:
        checked = self.checked(place)
        record = {**checked.record, **dict.fromkeys(checked.personal, b"sealed")}
        return KnownFact(
            resource=record["resource"],
            record_type=record["record_type"],
            record_id=record["record_id"],
            version=record["version"],
            event_id=event_id(self.example.name, str(place)),
            source=record["source"],
            valid_at=record["valid_at"],
            known_at=record["valid_at"],
            topic=checked.topic,
            partition=0,
            offset=place,
            name=told["type"],
            content={name: value for name, value in record.items() if name not in COMMON},
        )

    def _answers_of(self, asked: ChecksRequested) -> ChecksAnswered:
        """What the hub answers out of the archive."""
        question = Question(asked.since, asked.until, asked.territory, asked.requested_at)
        archive = SubjectArchive(self.subject_key, self.records, question)
        reads = {(item.id, each.department): each.reads for item in self.bundle.checks for each in item.answerers}
        answers = tuple(
            answer_part(
                part.check_id,
                part.department,
                archive,
                reads[part.check_id, part.department],
                lambda code: Coverage(code, self.complete_until[code]),
                registry_complete=True,
            )
            for part in asked.parts
        )
        return ChecksAnswered(
            event_id=event_id(asked.case_id, "answers"),
            case_id=asked.case_id,
            answered_by="hub",
            answered_at=asked.requested_at + 1,
            answers=answers,
        )

    def _script(self) -> CaseScript:
        decisions = {int(number): said for number, said in self.example.rest.get("decisions", {}).items()}
        applying = [item for item in self.bundle.items if item.number in self.prechecked.items]
        return CaseScript(
            case_id="example",
            bundle=self.bundle,
            subject=self.subject_key,
            choices=dict(self.example.choices),
            items={
                item.number: ItemScript(way=decisions.get(item.number, "approve"))
                for item in applying
                if is_handled(item)
            },
            materials={each.material: each.means for each in self.prechecked.materials},
        )


def tried(run: ExampleRun) -> dict[str, Any]:
    """A run example as a JSON-ready row; ``faults`` are lines for a person, none where all came as it says."""
    try:
        faults = [_line(each) for each in run.differences()]
    except ExampleFactRefused as refused:
        faults = [f"上报被拒 a fact is refused: {refused}"]
    return {"bundle": run.bundle.id, "example": run.example.name, "origin": run.example.origin, "faults": faults}


_WORDS: Final = {
    "items": "适用事项 items",
    "filled": "共享已填 fields filled",
    "needed": "尚需材料 materials needed",
    "faults": "预审问题 faults",
    "answers": "核查结论 answers",
    "end": "办件状态 end",
    "outcome": "办理结果 outcome",
    "refused": "未受理 refused",
}


def _line(each: Difference) -> str:
    return f"{_WORDS.get(each.what, each.what)}：应为 expected {each.expected}，实为 got {each.got}"


def _ordered(value: Any) -> Any:
    """Lists of words compare without their order."""
    return sorted(value) if isinstance(value, list) else value
