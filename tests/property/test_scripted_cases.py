"""Whatever people do in a case, in whatever order it arrives and however often: it ends as the model reckons."""

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.bundles import Bundle, Item, load_bundles
from onething.simulated_cases.rehearsal import DAY_US, late_mismatches, rehearsed
from producers.simulation.cases.expected import expected_end
from producers.simulation.cases.profile import USUAL, Way
from producers.simulation.cases.reckoning import mismatches
from producers.simulation.cases.script import CaseScript, ItemScript, applicable_items, is_handled, issues, may_ask_fee
from producers.simulation.streams import Streams
from tests.producers.simulation.cases.scripting import NOW
from topics.identifiers import make_uscc

BUNDLES = tuple(load_bundles().values())
JOINT: tuple[Way, ...] = ("approve", "slow", "refuse", "pass-on", "suspend", "never")
SINGLE: tuple[Way, ...] = (*JOINT, "supplement", "return", "correct")


@st.composite
def scripts(draw: st.DrawFn) -> CaseScript:
    bundle = draw(st.sampled_from(BUNDLES))
    choices = {each.id: draw(st.sampled_from([choice.id for choice in each.choices])) for each in bundle.situations}
    handled = [item for item in applicable_items(bundle, choices) if is_handled(item)]
    promised = draw(st.booleans())
    return CaseScript(
        case_id="case",
        bundle=bundle,
        subject=subject_of(bundle),
        choices=choices,
        items={item.number: draw(item_scripts(item, issues(bundle, item))) for item in handled},
        materials={each.material: each.kind for each in bundle.commitments if promised},
        means=draw(st.sampled_from(bundle.delivery.means)),
        together=draw(st.booleans()),
        withdraws=bool(handled) and draw(st.booleans()) and draw(st.booleans()),
        rests=bool(handled) and draw(st.booleans()),
        stars=draw(st.integers(0, 5)),
    )


@st.composite
def item_scripts(draw: st.DrawFn, item: Item, issued: bool) -> ItemScript:
    ways = JOINT if len(item.routed_to) > 1 else (*SINGLE, "issue") if issued else SINGLE
    way = draw(st.sampled_from((USUAL, *ways)))
    fee_fen = draw(st.sampled_from((0, 0, 1, 700))) if may_ask_fee(item, way) else 0
    return ItemScript(way=way, fee_fen=fee_fen, supplies=draw(st.booleans()), pays=draw(st.booleans()))


def subject_of(bundle: Bundle) -> str:
    return f"enterprise:{make_uscc('91', '610103', 7)}" if bundle.subject == "enterprise" else f"person:{'7' * 32}"


@settings(max_examples=400, deadline=None)
@given(script=scripts(), order=st.integers(0, 999), twice=st.booleans())
def test_a_case_ends_as_the_model_reckons(script: CaseScript, order: int, twice: bool) -> None:
    play = rehearsed(script, NOW, disorder=Streams(order).of("order"), twice=twice)
    assert list(mismatches(play.actors)) == []
    assert play.case.ended == (not expected_end(script).is_open)
    assert play.actors.items == play.states()


@settings(max_examples=150, deadline=None)
@given(script=scripts(), order=st.integers(0, 999))
def test_whoever_never_answers_is_told_of_once_and_nobody_else_is(script: CaseScript, order: int) -> None:
    play = rehearsed(script, NOW, disorder=Streams(order).of("order"))
    play.ring(NOW + 400 * DAY_US)
    assert list(late_mismatches(play)) == []
    assert list(mismatches(play.actors)) == []
