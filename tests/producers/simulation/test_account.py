import json
from collections import Counter

import pytest

from catalog.bundles import load_bundles
from producers.simulation.account import HOLDS_DAYS, SAMPLE, Account, AccountBook, named, written
from producers.simulation.calendar import DAY_US
from producers.simulation.expectations import Asked, expected_answers
from producers.simulation.planned import Planned
from producers.simulation.simulate import Simulation
from producers.simulation.truth import Truth

BUNDLE = load_bundles()["listing-compliance"]


@pytest.fixture(scope="module")
def account(city: Simulation, publications: tuple[Planned, ...]) -> Account:
    book = AccountBook(city)
    for planned in publications:
        book.note(planned)
    return book.close()


def test_every_publication_is_counted_once_in_each_view(account: Account, publications: tuple[Planned, ...]) -> None:
    assert account.publications == Counter(each.kind for each in publications)
    assert sum(sum(row.values()) for row in account.topics.values()) == len(publications)
    assert sum(n for types in account.resources.values() for row in types.values() for n in row.values()) == len(
        publications
    )
    assert sum(account.refusals.values()) == account.publications["malformed"]


def test_archives_hold_every_accepted_fact_once(account: Account, publications: tuple[Planned, ...]) -> None:
    accepted = sum(each.kind not in ("duplicate", "malformed") for each in publications)

    assert sum(each.facts for each in account.subjects.values()) == accepted
    assert len(account.subjects) == 600


def test_the_order_of_arrival_changes_nothing(city: Simulation, publications: tuple[Planned, ...]) -> None:
    forward, backward = Truth(BUNDLE.resources), Truth(BUNDLE.resources)
    for planned in publications:
        forward.note(planned)
    for planned in reversed(publications):
        backward.note(planned)

    assert forward.counts() == backward.counts()
    firm = city.firms[0].key
    assert {id(each.draft) for each in forward.records(firm)} == {id(each.draft) for each in backward.records(firm)}


def test_answers_do_not_turn_on_the_hour_at_which_they_are_asked(
    city: Simulation, publications: tuple[Planned, ...], account: Account
) -> None:
    truth = Truth(BUNDLE.resources)
    for planned in publications:
        truth.note(planned)
    for subject, answers in account.answers.answers.items():
        for at in (account.answers.asked_from, account.answers.asked_from + HOLDS_DAYS * DAY_US):
            asked = Asked(at, account.answers.look_back_years)
            assert expected_answers(BUNDLE, truth.records(subject), city.coverage, asked) == answers


def test_the_sample_shows_every_answer_that_an_archive_can_give(account: Account) -> None:
    found = Counter(answer for answers in account.answers.answers.values() for answer in answers.values())

    assert found.keys() == {"found", "disputed", "unavailable", "source-behind", "clear"}
    assert len(account.answers.answers) == SAMPLE
    assert all(len(answers) == 17 for answers in account.answers.answers.values())


def test_most_enterprises_are_clean(city: Simulation, publications: tuple[Planned, ...]) -> None:
    truth = Truth(BUNDLE.resources)
    for planned in publications:
        truth.note(planned)
    asked = Asked(city.until_at, 3)
    stained = sum(
        "found" in expected_answers(BUNDLE, truth.records(firm.key), city.coverage, asked).values()
        for firm in city.firms
    )

    assert 0.02 < stained / len(city.firms) < 0.35


def test_the_account_holds_no_identity_number(city: Simulation, account: Account) -> None:
    text = written(named(account, {"person#3": "person:" + "0" * 32})).decode()

    assert not [person.number for person in city.people if person.resident_id in text]
    assert not [person.number for person in city.people if f'"{person.name}"' in text]
    assert "person:" + "0" * 32 in json.loads(text)["subjects"]
