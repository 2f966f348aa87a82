import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bundles import load_bundles
from onething.bundle_rows import dot, graph, listed, shown, waves_of

BUNDLES = load_bundles()


def test_a_bundle_in_the_list_has_the_names_as_printed() -> None:
    told = listed(BUNDLES["bankruptcy-inquiry"])
    assert told["leads"] == ["市行政审批局"]
    assert told["items"][0] == {
        "name": "统筹相关申请核查信息的受理、分派、汇总和结果送达",
        "departments": ["市行政审批局", "市法院"],
    }
    assert (told["stage"], told["annex"], told["number"]) == ("注销退出", 1, 7)


def test_what_is_unstated_is_nobody_and_no_stage() -> None:
    retirement, talents = listed(BUNDLES["retirement"]), listed(BUNDLES["talent-services"])
    assert retirement["leads"] == []
    assert [item["departments"] for item in retirement["items"][:5]] == [[], [], [], [], ["西安市养老保险经办处"]]
    assert talents["stage"] is None


def test_a_definition_shows_whom_its_items_are_routed_to() -> None:
    item = shown(BUNDLES["weiyang-newborn"])["items"][0]
    assert (item["departments"], item["routed_to_names"]) == ([], ["市公安局未央分局"])


def test_waves_follow_what_they_wait_for() -> None:
    assert waves_of({1: (), 2: (1,), 3: (2, 1), 4: ()}) == {1: 1, 2: 2, 3: 3, 4: 1}


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(*(st.sets(st.integers(1, max(1, at))) for at in range(n)))))
def test_a_wave_is_later_than_all_that_it_waits_for(before: tuple[set[int], ...]) -> None:
    after = {at: tuple(each for each in earlier if each < at) for at, earlier in enumerate(before, 1)}
    waves = waves_of(after)
    for number, earlier in after.items():
        assert waves[number] == 1 + max((waves[each] for each in earlier), default=0)


@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES.keys())
def test_every_order_can_be_drawn(bundle: object) -> None:
    known = next(each for each in BUNDLES.values() if each is bundle)
    told = graph(known)
    assert [node["number"] for node in told["nodes"]] == [item.number for item in known.items]
    assert dot(known).count(" -> ") == len(told["edges"])
