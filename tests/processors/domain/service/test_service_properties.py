"""What holds of every bundle, archive and application, however they come."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.domain.service import (
    Application,
    Precheck,
    Service,
    load_services,
    notice,
    one_form,
    precheck,
)
from processors.domain.service.held import Archive, HeldRecord
from tests.processors.domain.service.shop import (
    COMPANY,
    FIELDS,
    FULL,
    MATERIALS,
    NOW,
    SUPPLIED,
    application,
    archive,
    breach,
    licence,
    penalty,
    registration,
    shop,
)
from topics.events import SuppliedMaterial

LATELY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

states = st.sampled_from(["有效", "存续", "注销", "吊销", "in-force", "repaired"])
records = st.builds(
    lambda make, record_id, state, disputed, withdrawn, valid_to: make(
        record_id=record_id, state=state, disputed=disputed, withdrawn=withdrawn, valid_to=valid_to
    ),
    st.sampled_from([registration, licence, penalty, breach]),
    st.sampled_from(["1", "2", "3"]),
    states,
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, 19_999, 20_000, 30_000]),
)
archives = st.builds(
    lambda known, complete: archive(*known, complete=complete), st.lists(records, max_size=6), st.booleans()
)
choices = st.dictionaries(st.sampled_from(["signboard", "colour"]), st.sampled_from(["yes", "no", "?"]))
forms = st.dictionaries(
    st.sampled_from([*(each.id for each in FIELDS), "hue"]),
    st.one_of(st.none(), st.text(max_size=6), st.integers(), st.booleans(), st.sampled_from(["堂食", "2024-01-01"])),
    max_size=8,
)
supplies = st.lists(
    st.builds(
        lambda material, means: SuppliedMaterial(material=material, means=means),
        st.sampled_from([*(each.id for each in MATERIALS), "passport"]),
        st.sampled_from(["archive", "upload", "paper", "promise", "later", "pigeon"]),
    ),
    max_size=6,
).map(tuple)
applications = st.builds(
    lambda made, form, supplied: application(choices=made, form=form, materials=supplied), choices, forms, supplies
)
services = st.sampled_from(sorted(load_services()))


@LATELY
@given(held=archives, made=choices, order=st.permutations(shop().items))
def test_the_order_of_items_does_not_matter(held: Archive, made: dict[str, str], order: list[Any]) -> None:
    turned = shop(items=tuple(order))
    assert one_form(turned, made, held, NOW) == one_form(shop(), made, held, NOW)
    assert notice(turned, made, held, NOW) == notice(shop(), made, held, NOW)


@LATELY
@given(held=archives, asked=applications, order=st.permutations(shop().items))
def test_neither_does_it_for_the_pre_check(held: Archive, asked: Application, order: list[Any]) -> None:
    turned = precheck(shop(items=tuple(order)), asked, held, NOW)
    assert repr(turned) == repr(precheck(shop(), asked, held, NOW))


@LATELY
@given(name=services, data=st.data())
def test_a_union_holds_each_field_and_material_once(name: str, data: st.DataObject) -> None:
    service = load_services()[name]
    made = data.draw(_choices_of(service))
    kind = COMPANY if service.subject_kind == "enterprise" else "person:" + "0" * 32
    held = Archive(subject=kind)
    found, told = one_form(service, made, held, NOW), notice(service, made, held, NOW)
    asked = {code for item in told.items for code in _item(service, item.number).fields}
    fields = [field.id for field in found.fields]
    materials = [each.id for each in (*told.held, *told.needed)]
    assert len(fields) == len(set(fields)) == found.counts.total
    assert set(fields) == asked
    assert len(materials) == len(set(materials))
    assert found.counts.total == found.counts.filled + found.counts.asked


@LATELY
@given(held=archives, order=st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(held: Archive, order: Any) -> None:
    known = list({each.event_id: each for each in held.records}.values())
    shuffled = list(known)
    order.shuffle(shuffled)
    one, other = (replace(held, records=tuple(each)) for each in (known, shuffled))
    assert notice(shop(), {}, one, NOW) == notice(shop(), {}, other, NOW)


@LATELY
@given(held=archives, arriving=st.sampled_from([registration, licence]), record_id=st.integers(10, 99).map(str))
def test_a_fact_that_arrives_only_moves_a_material_from_needed_to_held(
    held: Archive, arriving: Callable[..., HeldRecord], record_id: str
) -> None:
    later = replace(held, records=(*held.records, arriving(record_id=record_id)))
    before, after = (notice(shop(), {"signboard": "no"}, each, NOW) for each in (held, later))
    assert {each.id for each in before.held} <= {each.id for each in after.held}
    assert {each.id for each in after.needed} <= {each.id for each in before.needed}
    if arriving is licence:
        assert "licence" in {each.id for each in after.held}


@LATELY
@given(held=archives, asked=applications)
def test_counts_and_materials_hold_together(held: Archive, asked: Application) -> None:
    found = precheck(shop(), asked, held, NOW)
    assert found.counts.asked_though_shareable <= found.counts.asked
    named = [each.material for each in found.materials]
    assert len(named) == len(set(named))
    assert set(named) <= {code for number in found.items for code in _item(shop(), number).materials}
    assert set(found.values) <= {field.id for field in found.form.fields}


@LATELY
@given(held=archives, asked=applications)
def test_the_pre_check_empties_when_every_fault_is_mended(held: Archive, asked: Application) -> None:
    mended, whole = asked, held
    for _ in range(40):
        found = precheck(shop(), mended, whole, NOW)
        if not found.faults:
            break
        mended, whole = _mended(mended, whole, found)
    assert precheck(shop(), mended, whole, NOW).faults == ()


def _mended(asked: Application, held: Archive, found: Precheck) -> tuple[Application, Archive]:
    """The application and the archive after the first fault was mended as its remedy says."""
    fault = found.faults[0]
    part, _, name = fault.place.partition(".")
    if part == "choices":
        known = {key: value for key, value in asked.choices.items() if key != name}
        return replace(asked, choices=known | ({"signboard": "no"} if name == "signboard" else {})), held
    if part == "form":
        known = {key: value for key, value in asked.form.items() if key != name}
        return replace(asked, form=known | ({name: GOOD[name]} if fault.code in DUE else {})), held
    if part == "materials":
        left = tuple(each for each in asked.materials if each.material != name)
        wanted = name in {each.id for each in MATERIALS} and fault.code != "material-not-asked"
        return replace(asked, materials=left + _brought(name) if wanted else left), held
    if fault.place == "conditions.2.small":
        return replace(asked, form={**asked.form, "area": 100}), held
    assert part == "conditions"
    # The source mends its records: the shop is in business, its penalties are repaired.
    return asked, replace(held, records=(*map(_put_right, held.records), registration(record_id="99")))


DUE = {"field-missing", "wrong-type"}
GOOD = {
    "name": "甲公司",
    "founded": "2020-01-01",
    "legal-person": "张三",
    "area": 100,
    "phone": "13800138000",
    "style": "堂食",
    "identity": "11010519491231002X",
    "sign-size": "2m",
}


def _brought(name: str) -> tuple[SuppliedMaterial, ...]:
    return (SuppliedMaterial(material=name, means="paper"),)


def _put_right(held: HeldRecord) -> HeldRecord:
    return replace(held, content={**held.content, "state": "repaired"}) if held.resource == "fire.penalty" else held


def test_a_faultless_application_stays_faultless_when_the_hub_learns_more() -> None:
    known = replace(FULL, records=(*FULL.records, licence("2"), penalty(state="repaired")))
    assert precheck(shop(), application(materials=SUPPLIED), known, NOW).faults == ()


def _choices_of(service: Service) -> st.SearchStrategy[dict[str, str]]:
    options = {each.id: st.sampled_from([option.id for option in each.options]) for each in service.questions}
    return st.fixed_dictionaries({}, optional=options)


def _item(service: Service, number: int) -> Any:
    return next(each for each in service.items if each.number == number)
