"""What search promises, whichever database keeps the register."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from catalog.register.changes import RecordedChange
from catalog.register.schema import StoreMissing
from catalog.register.search import CatalogSearch, SearchPage, SearchRefused
from catalog.register.search_index import index_rows
from catalog.register.store import Applied, CatalogStore
from catalog.register.tables import REGISTER
from tests.catalog.register.registering import CODEC, RULEBOOK, command

ENTRIES: tuple[dict[str, Any], ...] = (
    {"code": "market.licence", "name": "营业执照", "theme": "市场监管", "sharing_class": "unconditional"},
    {"code": "market.licence-photo", "name": "营业执照照面信息", "theme": "市场监管", "sharing_class": "conditional"},
    {"code": "market.change", "name": "变更登记", "summary": "营业执照记载事项的变更", "theme": "市场监管"},
    {
        "code": "tax.registration",
        "name": "税务登记",
        "summary": "纳税人登记",
        "data_items": [{"name": "营业执照号码", "field": "licence_number"}],
        "sharing_class": "unconditional",
        "record_type": "registration",
    },
    {"code": "labour.insurance", "name": "社会保险登记", "summary": "参保单位执行情况，照章缴费"},
)


def resource(number: int, fields: dict[str, Any]) -> Any:
    payload = {"provider": fields["code"].partition(".")[0], **fields}
    return command("resource", fields["code"], "declared", f"c-{number}-{fields['code']}", payload=payload)


def ids(page: SearchPage) -> list[str]:
    return [each.entity_id for each in page.entries]


def counts(page: SearchPage, facet: str) -> dict[str, int]:
    return {each.value: each.count for each in page.facets[facet]}


class CatalogSearchContract:
    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def store(self, url: str) -> Iterator[CatalogStore]:
        with CatalogStore(url, RULEBOOK, CODEC.encode, indexes=[index_rows]) as store:
            assert isinstance(store.apply_all([resource(0, each) for each in ENTRIES]), Applied)
            yield store

    @pytest.fixture
    def search(self, url: str, store: CatalogStore) -> Iterator[CatalogSearch]:
        del store  # it holds the entries
        with CatalogSearch(url) as search:
            yield search

    def test_a_word_of_two_characters_finds_what_contains_it(self, search: CatalogSearch) -> None:
        page = search.search("执照")
        assert ids(page) == ["market.licence", "market.licence-photo", "market.change", "tax.registration"]
        assert [each.found_in for each in page.entries] == ["name", "name", "summary", "data_items"]
        assert page.entries[0].state["name"] == "营业执照"

    def test_one_character_and_the_whole_name_find_it_too(self, search: CatalogSearch) -> None:
        assert ids(search.search("照"))[:2] == ["market.licence", "market.licence-photo"]
        assert ids(search.search("营业执照"))[0] == "market.licence"
        assert ids(search.search("保")) == ["labour.insurance"]

    def test_pairs_that_stand_apart_are_no_word(self, search: CatalogSearch) -> None:
        assert ids(search.search("执照照")) == ["market.licence-photo"]
        assert ids(search.search("登记税务")) == []
        assert search.search("登记税务").total == 0

    def test_every_word_must_be_there_in_any_order(self, search: CatalogSearch) -> None:
        assert ids(search.search("登记 执照")) == ["market.change", "tax.registration"]
        assert [each.found_in for each in search.search("登记 执照").entries] == ["summary", "data_items"]
        assert ids(search.search("登记 保险 执照")) == []

    def test_codes_and_full_width_letters_are_words_too(self, search: CatalogSearch) -> None:
        assert ids(search.search("ＴＡＸ")) == ["tax.registration"]
        assert ids(search.search("licence_number")) == ["tax.registration"]

    def test_facets_count_what_each_choice_would_find(self, search: CatalogSearch) -> None:
        page = search.search("执照", {"department": ["market"]})
        assert (page.total, len(page.entries)) == (3, 3)
        assert counts(page, "department") == {"market": 3, "tax": 1}
        assert counts(page, "sharing_class") == {"conditional": 1, "unconditional": 1, "unstated": 1}
        assert counts(page, "theme") == {"市场监管": 3}
        both = search.search("执照", {"department": ["market", "tax"], "sharing_class": ["unconditional"]})
        assert ids(both) == ["market.licence", "tax.registration"]
        assert counts(both, "department") == {"market": 1, "tax": 1}
        assert counts(both, "record_type") == {"registration": 1}
        assert set(page.facets) == {"department", "theme", "sharing_class", "state", "record_type"}

    def test_no_words_find_everything_and_nothing_found_is_no_fault(self, search: CatalogSearch) -> None:
        assert search.search().total == len(ENTRIES)
        assert search.search("不动产") == SearchPage((), 0, dict.fromkeys(search.search().facets, ()), None)
        assert search.search("执照", {"department": ["nobody"]}).total == 0

    def test_pages_go_on_where_the_last_one_ended(self, search: CatalogSearch, store: CatalogStore) -> None:
        store.apply_all(
            [resource(1, {"code": f"x.r{number:02}", "name": f"许可{'证' * (number % 3)}"}) for number in range(30)]
        )
        first = search.search("许可", limit=7)
        store.apply(resource(2, {"code": "x.r00", "name": "已改名"}))
        found, after = ids(first), first.next_after
        while after is not None:
            page = search.search("许可", after=after, limit=7)
            found, after = found + ids(page), page.next_after
        assert found == sorted((f"x.r{number:02}" for number in range(30)), key=lambda code: (int(code[3:]) % 3, code))

    def test_a_change_is_found_at_once_and_what_was_before_no_more(
        self, search: CatalogSearch, store: CatalogStore
    ) -> None:
        store.apply(resource(1, {**ENTRIES[0], "name": "营业证照", "theme": "登记"}))
        assert "market.licence" not in ids(search.search("执照"))
        assert ids(search.search("证照")) == ["market.licence"]
        assert counts(search.search("证照"), "theme") == {"登记": 1}

    def test_a_change_that_is_not_made_is_not_found(self, url: str) -> None:
        def fault(connection: Any, change: RecordedChange) -> None:
            if change.state["name"] == "坏条目":
                connection.execute(text("SELECT nothing FROM nowhere"))

        with CatalogStore(url, RULEBOOK, CODEC.encode, indexes=[index_rows, fault]) as store:
            store.apply(resource(0, ENTRIES[0]))
            with pytest.raises(DBAPIError):
                store.apply(resource(1, {"code": "x.y", "name": "坏条目"}))
            with CatalogSearch(url) as search:
                assert (search.search("条目").total, search.search().total) == (0, 1)

    def test_a_register_without_an_index_gets_one_with_its_next_change(self, url: str) -> None:
        with CatalogStore(url, RULEBOOK, CODEC.encode) as store:
            store.apply_all([resource(0, each) for each in ENTRIES])
        with CatalogSearch(url) as search:
            with pytest.raises(StoreMissing, match="index"):
                search.search("执照")
            with CatalogStore(url, RULEBOOK, CODEC.encode, indexes=[index_rows]) as store:
                store.apply(command("system", "s", "declared", "s-1", payload={"code": "s", "name": "系统"}))
            assert search.search("执照").total == 4

    def test_an_index_in_another_form_is_made_anew(self, url: str, store: CatalogStore) -> None:
        with store._connection.begin():
            store._connection.execute(text("DELETE FROM catalog_search"))
            store._connection.execute(update(REGISTER).where(REGISTER.c.name == "search").values(value="0"))
        with CatalogSearch(url) as search:
            with pytest.raises(StoreMissing, match="index"):
                search.search("证照")
            store.apply(resource(1, {"code": "x.y", "name": "电子证照"}))
            assert (search.search().total, search.search("证照").total) == (len(ENTRIES) + 1, 1)

    @pytest.mark.parametrize(
        ("field", "asked"),
        [
            ("q", {"text": "（、）"}),
            ("q", {"text": " ".join("甲乙丙丁戊己庚辛壬")}),
            ("q", {"text": "照" * 65}),
            ("depratment", {"chosen": {"depratment": ["tax"]}}),
            ("after", {"after": "market.licence"}),
            ("after", {"after": "1.99999999999999999999.x"}),
        ],
    )
    def test_what_cannot_be_looked_for_is_refused(
        self, search: CatalogSearch, field: str, asked: dict[str, Any]
    ) -> None:
        with pytest.raises(SearchRefused) as refused:
            search.search(**asked)
        assert refused.value.field == field
        assert refused.value.remedy
        assert refused.value.remedy_en

    @pytest.mark.parametrize("asked", ["'", '"', '执照" OR "', "NEAR(执照)", "执照*", "a:b", "%", "_"])
    def test_no_word_is_taken_for_a_command(self, search: CatalogSearch, asked: str) -> None:
        try:
            page = search.search(asked)
        except SearchRefused as refused:
            assert refused.field == "q"  # noqa: PT017  either is right: no word in it, or words that are looked for
        else:
            assert page.total <= 4


class TestSqlite(CatalogSearchContract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path / 'catalog.db'}"


@pytest.mark.postgresql
class TestPostgresql(CatalogSearchContract):
    @pytest.fixture
    def url(self, database: str) -> str:
        return database
