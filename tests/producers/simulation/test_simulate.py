from collections import Counter
from datetime import date
from itertools import islice

import msgspec

from catalog.organisations import load_organisations
from catalog.resources import load_resources
from producers.drafts import DraftRules, examine
from producers.faults import Fault
from producers.simulation.city import enterprises, persons
from producers.simulation.planned import KINDS, Planned, Rates
from producers.simulation.profiles import load_profiles
from producers.simulation.registrations import ENTERPRISES, PERSONS
from producers.simulation.simulate import Simulation, simulate
from producers.simulation.streams import Streams
from topics.identifiers import check_resident_id, check_uscc

UNTIL = date(2026, 11, 22)


def _bytes(publications: object) -> bytes:
    return msgspec.msgpack.encode(publications)


def _codes(planned: Planned, now_us: int) -> set[str]:
    outcome = examine(planned.draft, DraftRules(planned.draft["source"], load_resources()), now_us)
    return {fault.code for fault in outcome if isinstance(fault, Fault)} if isinstance(outcome, tuple) else set()


def test_the_same_arguments_give_the_same_stream(city: Simulation, publications: tuple[Planned, ...]) -> None:
    again = tuple(simulate(city.enterprise_count, city.person_count, city.seed, city.until))

    assert _bytes(again) == _bytes(publications)


def test_another_seed_gives_another_city(city: Simulation) -> None:
    other = Simulation(city.enterprise_count, city.person_count, city.seed + 1, city.until)

    assert not {each.uscc for each in city.firms} & {each.uscc for each in other.firms}


def test_asking_twice_gives_the_same_stream(city: Simulation, publications: tuple[Planned, ...]) -> None:
    assert _bytes(tuple(city.publications())) == _bytes(publications)


def test_identifiers_are_valid_and_distinct() -> None:
    streams = Streams(11)
    people = persons(streams, 2000, 20_000)
    firms = list(enterprises(streams, 2000, 20_000, people))

    assert not [check for each in firms if (check := check_uscc(each.uscc))]
    assert not [check for each in people if (check := check_resident_id(each.resident_id, date(2024, 10, 4)))]
    assert len({each.uscc for each in firms}) == len(firms)
    assert len({each.resident_id for each in people}) == len(people)


def test_every_resource_of_the_catalogue_has_a_profile() -> None:
    profiled = {ENTERPRISES, PERSONS, *load_profiles().by_code()}

    assert profiled == load_resources().by_code.keys()


def test_every_organisation_that_keeps_records_publishes_each_of_its_resources(
    publications: tuple[Planned, ...],
) -> None:
    published = {each.draft["resource"] for each in publications if each.refusal is None}

    assert published == load_resources().by_code.keys()
    assert {code.split(".")[0] for code in published} == {
        each.code for each in load_organisations().all if each.keeps_records
    }


def test_every_good_draft_is_accepted_and_every_malformed_one_is_refused_for_its_fault(
    city: Simulation, publications: tuple[Planned, ...]
) -> None:
    for planned in publications:
        if planned.raw is not None:
            assert planned.refusal == "unreadable"
            continue
        codes = _codes(planned, city.until_at)
        assert codes == set() if planned.refusal is None else planned.refusal in codes, (planned, codes)


def test_topics_are_those_that_the_rules_give(city: Simulation, publications: tuple[Planned, ...]) -> None:
    for planned in islice((each for each in publications if each.refusal is None), 3000):
        checked = examine(planned.draft, DraftRules(planned.draft["source"], load_resources()), city.until_at)
        assert not isinstance(checked, tuple)
        assert checked.topic == planned.topic


def test_kinds_come_at_their_rates(publications: tuple[Planned, ...]) -> None:
    kinds = Counter(each.kind for each in publications)
    rates = Rates()
    facts = len(publications) - kinds["duplicate"] - kinds["malformed"]

    assert kinds.keys() == set(KINDS)
    for kind in ("duplicate", "disordered", "late", "malformed"):
        assert abs(kinds[kind] / facts - getattr(rates, kind)) < 0.005, kind


def test_without_disturbance_each_fact_comes_once_and_in_its_order() -> None:
    calm = Simulation(80, 80, 3, UNTIL, rates=Rates(duplicate=0, disordered=0, late=0, malformed=0))
    versions: dict[tuple[str, str, str], int] = {}
    for planned in calm.publications():
        key = (planned.subject, planned.draft["resource"], planned.draft["record_id"])
        assert planned.kind in ("normal", "correction")
        assert planned.draft["version"] > versions.get(key, 0)
        versions[key] = planned.draft["version"]


def test_disturbance_changes_no_fact() -> None:
    def facts(rates: Rates) -> list[bytes]:
        stream = Simulation(80, 80, 3, UNTIL, rates=rates).publications()
        return sorted({_bytes(each.draft) for each in stream if each.refusal is None})

    assert facts(Rates()) == facts(Rates(duplicate=0, disordered=0, late=0, malformed=0))


def test_versions_of_a_record_never_repeat_with_other_content(publications: tuple[Planned, ...]) -> None:
    seen: dict[tuple[str, str, str, int], bytes] = {}
    for planned in publications:
        if planned.refusal is None:
            draft = planned.draft
            key = (planned.subject, draft["resource"], draft["record_id"], draft["version"])
            assert seen.setdefault(key, _bytes(draft)) == _bytes(draft)


def test_some_facts_overtake_earlier_versions_of_their_record(publications: tuple[Planned, ...]) -> None:
    newest: dict[tuple[str, str, str], int] = {}
    overtaken = 0
    for planned in publications:
        if planned.refusal is None:
            key = (planned.subject, planned.draft["resource"], planned.draft["record_id"])
            overtaken += planned.draft["version"] < newest.get(key, 0)
            newest[key] = max(newest.get(key, 0), planned.draft["version"])

    assert overtaken > 10


def test_nothing_happens_after_what_the_source_states_to_be_complete(
    city: Simulation, publications: tuple[Planned, ...]
) -> None:
    for planned in publications:
        if planned.refusal is None:
            assert planned.draft["version"] < city.complete_until(planned.draft["resource"])


def test_licences_go_through_their_lives(publications: tuple[Planned, ...]) -> None:
    drafts = [each.draft for each in publications if each.draft["type"].startswith("Licence")]
    states = {each["content"].get("state") for each in drafts}
    identifiers = {each["content"]["licence_identifier"] for each in drafts if "licence_identifier" in each["content"]}
    replaced = {each["content"].get("replaces") for each in drafts} - {None}

    assert {"有效", "失效", "暂扣", "吊销", "注销"} <= states
    assert replaced
    assert replaced <= identifiers


def test_a_small_part_more_or_less_does_not_shift_the_others() -> None:
    def of(resource: str, persons_count: int) -> list[bytes]:
        stream = Simulation(60, persons_count, 5, UNTIL).publications()
        return [_bytes(each.draft) for each in stream if each.draft["resource"] == resource and each.refusal is None]

    assert of("public-security.vehicle", 60)[:20]
    assert of("ecology.administrative-penalty", 60) == of("ecology.administrative-penalty", 61)
