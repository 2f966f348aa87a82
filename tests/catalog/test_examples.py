"""The examples of the bundles in full, run through what ships: doors for facts, rules of service, checks, handling."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import msgspec
import pytest

from catalog.bundles import Bundle, Example, load_bundles
from catalog.organisations import load_organisations
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

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
IN_FULL = (
    "bankruptcy-inquiry",
    "enterprise-change",
    "listing-compliance",
    "newborn",
    "public-rental-housing",
    "restaurant-opening",
)
COMMON = {"event_id", "source", "resource", "subject", "record_type", "record_id", "version", "valid_at", "case_id"}
SOMEBODY = make_resident_id("610199", date(1993, 6, 15), 12)


@dataclass(frozen=True)
class Coverage:
    """What a source said of its completeness, as a replica keeps it."""

    resource: str
    complete_until: int
    reconciled: int = 1
    position: str = "1"
    fault: str | None = None


@dataclass(frozen=True)
class Case:
    """An example of a bundle, ready to be run."""

    bundle: Bundle
    example: Example

    @cached_property
    def at(self) -> int:
        return int(datetime.fromisoformat(self.example.rest["at"]).timestamp()) * 1_000_000

    @cached_property
    def subject(self) -> dict[str, str]:
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
        return fold(self._fact(place, told) for place, told in enumerate(self.example.facts))

    @cached_property
    def archive(self) -> Archive:
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
        return {name: SOMEBODY if value == "made-up" else value for name, value in self.example.form.items()}

    @property
    def prechecked(self) -> Precheck:
        supplied = tuple(SuppliedMaterial(**each) for each in self.example.supplied)
        application = Application(
            subject=self.subject_key, choices=self.example.choices, form=self.form, materials=supplied
        )
        return precheck(load_services()[self.bundle.id], application, self.archive, self.at)

    def checked(self, place: int) -> CheckedDraft:
        """A fact as the publishing door takes it."""
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
        assert isinstance(taken, CheckedDraft), (self.example.name, place, taken)
        return taken

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

    def answers_of(self, asked: ChecksRequested) -> ChecksAnswered:
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

    def script(self) -> CaseScript:
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


def _named(case: Case) -> str:
    place = case.bundle.examples.index(case.example)
    return f"{case.bundle.id}-{place + 1}"


def cases() -> Iterator[Case]:
    for bundle in load_bundles().values():
        for example in bundle.examples:
            yield Case(bundle, example)


CASES = tuple(cases())
every_example = pytest.mark.parametrize("case", CASES, ids=_named)


def played(case: Case) -> tuple[Rehearsal, dict[str, str]]:
    """The case handled to its end, and what the archive answered on each check."""
    play = Rehearsal(CaseActors(case.script()), case.at)
    play.run([play.actors.submit(case.at)])
    said: dict[str, list[str]] = {}
    for asked in [each for each in play.emits if isinstance(each, ChecksRequested)]:
        answered = case.answers_of(asked)
        for answer in answered.answers:
            said.setdefault(answer.check_id, []).append(answer.answer)
        play.run([Act(answered)])
    return play, {check_id: strongest(answers) for check_id, answers in said.items()}


def test_six_bundles_have_two_examples_each_and_all_of_them_are_ours() -> None:
    count = {bundle.id: len(bundle.examples) for bundle in load_bundles().values() if bundle.examples}
    assert tuple(sorted(count)) == IN_FULL
    assert min(count.values()) >= 2
    assert {case.example.origin for case in CASES} == {"ours"}


@pytest.mark.parametrize("bundle", [load_bundles()[name] for name in IN_FULL], ids=lambda bundle: bundle.id)
def test_a_bundle_in_full_states_everything_of_every_item(bundle: Bundle) -> None:
    organisations = load_organisations().by_code
    assert bundle.baseline is not None
    assert bundle.commitments
    for item in bundle.items:
        said = item.registered.elaborated
        assert said is not None, item.text
        assert said.origin == "ours"
        assert {"legal_basis", "audience", "promised_days", "result", "fields", "materials"} <= said.stated, item.text
        assert said.working_steps, item.text
        assert said.handled_and_reviewed is not None
        assert set(item.routed_to) <= set(organisations)


@every_example
def test_facts_go_through_the_publishing_door(case: Case) -> None:
    for place in range(len(case.example.facts)):
        case.checked(place)


@every_example
def test_the_items_that_apply(case: Case) -> None:
    service = load_services()[case.bundle.id]
    assert list(applicable_items(service, case.example.choices)) == case.example.expect["items"]


@every_example
def test_the_fields_that_the_archive_fills(case: Case) -> None:
    form = one_form(load_services()[case.bundle.id], case.example.choices, case.archive, case.at)
    assert {view.id for view in form.fields if view.is_filled} == set(case.example.expect["filled"])


@every_example
def test_the_materials_that_are_still_needed(case: Case) -> None:
    told = notice(load_services()[case.bundle.id], case.example.choices, case.archive, case.at)
    assert {each.id for each in told.needed} == set(case.example.expect["needed"])


@every_example
def test_what_the_precheck_finds(case: Case) -> None:
    found = {f"{fault.code} {fault.place}" for fault in case.prechecked.faults}
    assert found == set(case.example.expect["faults"])


@every_example
def test_what_the_archive_answers_and_how_the_case_ends(case: Case) -> None:
    if "end" not in case.example.expect:
        assert case.example.expect["faults"], "an example without an end is one that the precheck stops"
        return
    play, answers = played(case)
    assert answers == case.example.expect.get("answers", {})
    assert (play.case.status, play.case.outcome) == (case.example.expect["end"], case.example.expect["outcome"])
    assert play.refusals == []


def test_a_wrong_expectation_is_noticed() -> None:
    case = next(each for each in CASES if each.bundle.id == "restaurant-opening")
    unlicensed = tuple(each for each in case.archive.records if each.record_type != "business-licence")
    without_licence = msgspec.structs.replace(case.archive, records=unlicensed)
    told = notice(load_services()[case.bundle.id], case.example.choices, without_licence, case.at)
    assert {each.id for each in told.needed} != set(case.example.expect["needed"])
