from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from processors.domain.archive import ArchiveRecord, KnownFact, fold
from processors.domain.closing import Closing, bars_application, closing, in_words

REGISTER = "market-regulation.enterprise-registration"
LICENCES = "market-regulation.business-licence"
PERSONS = "public-security.person-registration"
NAMES = {"enterprise-registration": "Enterprise", "business-licence": "Licence", "person-registration": "Person"}


def fact(resource: str, state: str, version: int = 1, record_id: str = "1", **fields: Any) -> KnownFact:
    record_type = resource.partition(".")[2]
    stated: dict[str, Any] = {
        "resource": resource,
        "record_type": record_type,
        "record_id": record_id,
        "version": version,
        "event_id": f"{resource}{record_id}{version}{state}".encode().ljust(16, b"-")[-16:],
        "source": resource.partition(".")[0],
        "valid_at": version * 1000,
        "known_at": version,
        "topic": "t",
        "partition": 0,
        "offset": version,
        "name": f"{NAMES[record_type]}Changed",
        "content": {"state": state},
    }
    return KnownFact(**(stated | fields))


def closed(*facts: KnownFact) -> Closing | None:
    return closing(fold(facts))


def test_an_open_archive_and_an_empty_one_are_not_closed() -> None:
    assert closed(fact(REGISTER, "存续")) is None
    assert closed() is None


def test_deregistration_closes_an_enterprises_archive() -> None:
    found = closed(fact(REGISTER, "存续"), fact(REGISTER, "注销", 2))
    assert found == Closing(
        since=2000,
        by=REGISTER,
        department="market-regulation",
        state="注销",
        event_id=fact(REGISTER, "注销", 2).event_id,
        disputed=False,
    )


def test_an_end_is_told_in_words() -> None:
    since = 1_740_787_200_000_000
    found = closed(fact(REGISTER, "注销", valid_at=since))
    assert found
    assert in_words(found) == "主体已注销（自2025年3月1日）"
    disputed = closed(
        fact(REGISTER, "注销", valid_at=since), fact(REGISTER, "注销", event_id=b"z" * 16, valid_at=since)
    )
    assert disputed
    assert in_words(disputed) == "主体已注销（自2025年3月1日，该登记存在争议）"


def test_a_death_closes_a_persons_archive() -> None:
    found = closed(fact(PERSONS, "在籍"), fact(PERSONS, "死亡注销", 2))
    assert found
    assert (found.state, found.by) == ("死亡注销", PERSONS)


def test_to_be_revoked_or_to_move_away_is_no_end() -> None:
    assert closed(fact(REGISTER, "吊销")) is None
    assert closed(fact(REGISTER, "迁出")) is None
    assert closed(fact(PERSONS, "迁出")) is None


def test_the_end_began_with_the_first_fact_that_said_so() -> None:
    found = closed(fact(REGISTER, "注销", 2), fact(REGISTER, "注销", 3), fact(REGISTER, "存续", 1))
    assert found
    assert found.since == 2000


def test_a_deregistration_taken_back_opens_the_archive() -> None:
    assert closed(fact(REGISTER, "注销", 2), fact(REGISTER, "存续", 3)) is None
    withdrawn = fact(REGISTER, "", 3, name="RegistrationWithdrawn", content={"reason": "误报"})
    assert closed(fact(REGISTER, "注销", 2), withdrawn) is None


def test_what_is_known_as_of_before_the_end_is_open() -> None:
    facts = (fact(REGISTER, "存续"), fact(REGISTER, "注销", 2))
    assert closing(fold(facts, as_of=1)) is None
    assert closing(fold(facts, as_of=2))


def test_a_licence_decides_only_where_no_register_is_known() -> None:
    cancelled = fact(LICENCES, "注销", 2)
    found = closed(cancelled)
    assert found
    assert found.by == LICENCES
    assert closed(cancelled, fact(REGISTER, "存续", 1)) is None
    assert closed(cancelled, fact(LICENCES, "有效", 1, record_id="2")) is None


def test_of_two_registrations_the_one_of_the_latest_time_decides() -> None:
    assert closed(fact(REGISTER, "注销", 1), fact(REGISTER, "存续", 2, record_id="2")) is None
    assert closed(fact(REGISTER, "存续", 1), fact(REGISTER, "注销", 2, record_id="2"))


def test_a_contradicted_end_is_disputed_and_bars_nobody() -> None:
    found = closed(fact(REGISTER, "注销", 2, event_id=b"z" * 16), fact(REGISTER, "存续", 2, event_id=b"a" * 16))
    assert found
    assert found.disputed
    assert not bars_application(found, "restaurant-opening", ())


def test_a_closed_subject_applies_for_what_follows_its_end_only() -> None:
    found = closed(fact(REGISTER, "注销"))
    assert bars_application(found, "restaurant-opening", ("enterprise-deregistration",))
    assert not bars_application(found, "enterprise-deregistration", ("enterprise-deregistration",))
    assert not bars_application(None, "restaurant-opening", ())


FACTS = st.lists(
    st.builds(
        fact,
        st.sampled_from([REGISTER, LICENCES]),
        st.sampled_from(["存续", "注销", "吊销", "有效"]),
        st.integers(1, 5),
        st.sampled_from(["1", "2"]),
    ),
    max_size=8,
)


@given(FACTS, st.randoms())
def test_neither_order_nor_repetition_of_facts_changes_the_end(facts: list[KnownFact], chance: Any) -> None:
    shuffled = facts * 2
    chance.shuffle(shuffled)
    assert closed(*shuffled) == closed(*facts)


@given(FACTS)
def test_to_close_an_archive_removes_nothing(facts: list[KnownFact]) -> None:
    """Every record and every fact of it stands in the archive that an end is added to, as it stood before."""

    def kept(records: tuple[ArchiveRecord, ...]) -> set[bytes]:
        return {f.event_id for each in records for f in (each.current, *each.rivals, *each.history)}

    before = fold(facts)
    after = fold([*facts, fact(REGISTER, "注销", 9, record_id="9")])
    found = closing(after)
    assert found
    assert found.event_id == fact(REGISTER, "注销", 9, record_id="9").event_id
    assert kept(before) < kept(after)
    assert [each for each in after if each in before] == list(before)
