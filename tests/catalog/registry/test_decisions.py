"""The registry's rules over its state, with no log and no server."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.registry import decisions
from catalog.registry.columnar import columnar_faults, is_fact_subject
from catalog.registry.decisions import RegistryRefusal
from catalog.registry.records import LevelChanged, Record, SchemaVersion, SubjectDeleted, read, written
from catalog.registry.state import RegistryState, identity
from topics.codec.columns import is_columnar
from topics.declarations import FACT_FAMILIES
from topics.schemas import published_schemas

Decided = tuple[list[Record], Any]


def schema(*types: Any, name: str = "R") -> str:
    fields = [{"name": f"f{number}", "type": each} for number, each in enumerate(types)]
    return json.dumps({"type": "record", "name": name, "fields": fields})


def grown(count: int) -> str:
    fields = [{"name": f"f{number}", "type": "string", "default": ""} for number in range(count)]
    return json.dumps({"type": "record", "name": "R", "fields": fields})


def after(state: RegistryState, decided: Decided) -> Any:
    """Apply what was decided, by way of the bytes of the log."""
    for record in decided[0]:
        back = read(*written(record))
        assert back == record
        state.apply(back)
    return decided[1]


@pytest.fixture
def state() -> RegistryState:
    return RegistryState()


def test_versions_count_within_a_subject_and_ids_across_all(state: RegistryState) -> None:
    assert after(state, decisions.register(state, "s", grown(1))) == decisions.Registered("s", 1, 1)
    assert after(state, decisions.register(state, "s", grown(2))) == decisions.Registered("s", 2, 2)
    assert after(state, decisions.register(state, "t", grown(2))) == decisions.Registered("t", 1, 2)
    assert decisions.register(state, "s", grown(1)) == ([], decisions.Registered("s", 1, 1))


def test_the_layout_of_a_schema_does_not_matter(state: RegistryState) -> None:
    after(state, decisions.register(state, "s", grown(2)))
    laid_out = json.dumps(json.loads(grown(2)), indent=3, sort_keys=True)
    assert decisions.register(state, "s", laid_out) == ([], decisions.Registered("s", 1, 1))
    registered = after(state, decisions.register(state, "t", laid_out))
    assert registered.schema_id == 1
    assert state.texts == {1: grown(2)}


def test_normalising_finds_what_means_the_same(state: RegistryState) -> None:
    after(state, decisions.register(state, "s", schema("string", ["null", "int"])))
    spelt_out = schema({"type": "string"}, ["null", {"type": "int"}])
    assert decisions.register(state, "s", spelt_out)[0]
    assert decisions.register(state, "s", spelt_out, normalize=True)[0] == []


def test_normalising_leaves_defaults_alone() -> None:
    inner = {"type": "record", "name": "I", "fields": [{"name": "type", "type": "string"}]}
    text = json.dumps(
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": inner, "default": {"type": "x"}}]}
    )
    assert json.loads(decisions.normalized(text)) == json.loads(text)


def test_all_or_none_of_a_batch(state: RegistryState) -> None:
    batch = [("s", grown(1)), ("s", schema("int", "int"))]
    with pytest.raises(RegistryRefusal, match="incompatible"):
        decisions.register_all(state, batch)
    assert state.subjects() == []
    records, outcomes = decisions.register_all(state, [("s", grown(1)), ("t", grown(1)), ("s", grown(2))])
    assert [(each.version, each.schema_id) for each in outcomes] == [(1, 1), (1, 1), (2, 2)]
    assert len(records) == 3


def test_hidden_then_erased_and_the_id_is_never_given_again(state: RegistryState) -> None:
    after(state, decisions.register(state, "s", grown(1)))
    after(state, decisions.register(state, "s", grown(2)))
    assert after(state, decisions.delete_version(state, "s", 2, permanent=False)) == 2
    assert after(state, decisions.delete_version(state, "s", 2, permanent=True)) == 2
    assert state.texts[2] == grown(2)
    assert after(state, decisions.register(state, "s", grown(3))) == decisions.Registered("s", 2, 3)


def test_a_hidden_schema_registered_again_is_a_new_version_of_the_same_id(state: RegistryState) -> None:
    after(state, decisions.register(state, "s", grown(1)))
    after(state, decisions.delete_subject(state, "s", permanent=False))
    assert after(state, decisions.register(state, "s", grown(1))) == decisions.Registered("s", 2, 1)


def test_a_deleted_subject_loses_its_level(state: RegistryState) -> None:
    after(state, decisions.register(state, "s", grown(1)))
    after(state, decisions.set_level(state, "s", "full"))
    assert state.effective_level("s") == "FULL"
    after(state, decisions.delete_subject(state, "s", permanent=False))
    assert state.effective_level("s") == "BACKWARD"


@pytest.mark.parametrize(
    ("ask", "error_code"),
    [
        (lambda state: decisions.delete_subject(state, "none", permanent=False), 40401),
        (lambda state: decisions.delete_version(state, "none", 1, permanent=False), 40401),
        (lambda state: decisions.delete_version(state, "s", 7, permanent=False), 40402),
        (lambda state: decisions.delete_subject(state, "hidden", permanent=False), 40404),
        (lambda state: decisions.delete_subject(state, "s", permanent=True), 40405),
        (lambda state: decisions.delete_version(state, "hidden", 1, permanent=False), 40406),
        (lambda state: decisions.delete_version(state, "s", 1, permanent=True), 40407),
        (lambda state: decisions.unset_level(state, "s"), 40408),
        (lambda state: decisions.register(state, "s", "no"), 42201),
        (lambda state: decisions.set_level(state, "s", "sideways"), 42203),
        (lambda state: decisions.delete_subject(state, "licence.x-R", permanent=False), 42205),
        (lambda state: decisions.delete_version(state, "licence.x-R", 1, permanent=False), 42205),
        (lambda state: decisions.register(state, "", grown(1)), 42208),
        (lambda state: decisions.register(state, "a\nb", grown(1)), 42208),
        (lambda state: decisions.register(state, "onething.retired-ids", grown(1)), 42208),
        (lambda state: decisions.register(state, "s", schema("int")), 409),
    ],
)
def test_every_refusal_has_its_number(ask: Callable[[RegistryState], Decided], error_code: int) -> None:
    state = RegistryState(
        [
            SchemaVersion("s", 1, 1, grown(1)),
            SchemaVersion("hidden", 1, 1, grown(1), is_deleted=True),
            SchemaVersion("licence.x-R", 1, 1, grown(1)),
        ]
    )
    with pytest.raises(RegistryRefusal) as refused:
        ask(state)
    assert refused.value.error_code == error_code


@pytest.mark.parametrize(
    ("types", "place"),
    [
        ([{"type": "map", "values": "string"}], "/fields/0/type"),
        (["string", ["string", "null"]], "/fields/1/type"),
        ([["null", "string", "int"]], "/fields/0/type"),
        ([["null", {"type": "enum", "name": "E", "symbols": ["A"]}]], "/fields/0/type/1"),
        ([{"type": "array", "items": {"type": "map", "values": "int"}}], "/fields/0/type/items"),
        ([], "/fields"),
    ],
)
def test_a_fact_must_be_readable_in_columns(state: RegistryState, types: list[Any], place: str) -> None:
    text = schema(*types)
    assert [fault.place for fault in columnar_faults(text)] == [place]
    with pytest.raises(RegistryRefusal, match=f"cannot be read in columns: {place}: "):
        decisions.register(state, "registration.x-R", text)
    assert decisions.register(state, "case.requests-R", text)[0]


def test_every_published_fact_is_taken_and_columnar_but_the_one_with_ranges() -> None:
    facts = [schema for schema in published_schemas() if schema.family in FACT_FAMILIES]
    assert [schema.name for schema in facts if columnar_faults(schema.text)] == []
    assert {schema.name for schema in facts if not is_columnar(schema.text)} == {"CoverageStated"}
    assert all(is_fact_subject(f"{schema.family}.x-{schema.full_name}") for schema in facts)


def test_confluents_deletion_of_a_subject_is_understood() -> None:
    raw = b'{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}', b'{"subject":"s","version":1}'
    assert read(*raw) == SubjectDeleted("s", 1)
    assert written(SubjectDeleted("s", 1)) == raw
    state = RegistryState([SchemaVersion("s", 1, 1, grown(1)), SchemaVersion("s", 2, 2, grown(2))])
    state.apply(SubjectDeleted("s", 1))
    assert [each.version for each in state.versions("s")] == [2]


def test_records_are_confluents() -> None:
    assert written(SchemaVersion("s", 1, 7, '"int"')) == (
        b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
        b'{"subject":"s","version":1,"id":7,"schema":"\\"int\\"","deleted":false}',
    )
    assert written(LevelChanged(None, "FULL")) == (
        b'{"keytype":"CONFIG","subject":null,"magic":0}',
        b'{"compatibilityLevel":"FULL"}',
    )
    assert read(b'{"keytype":"NOOP","magic":0}', None) is None
    protobuf = b'{"subject":"s","version":1,"id":7,"schemaType":"PROTOBUF","schema":"x","deleted":false}'
    assert read(b'{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}', protobuf) is None


@pytest.mark.parametrize("key", [None, b"", b"x", b"[]", b"{}", b'{"keytype":"SCHEMA"}'])
def test_what_is_no_registry_record_is_told_so(key: bytes | None) -> None:
    with pytest.raises(ValueError, match="a record "):
        read(key, b"{}")


REQUESTS = st.one_of(
    st.tuples(st.just("register"), st.sampled_from("st"), st.integers(1, 4)),
    st.tuples(st.sampled_from(["delete_version", "erase_version"]), st.sampled_from("st"), st.integers(1, 4)),
    st.tuples(st.sampled_from(["delete_subject", "erase_subject"]), st.sampled_from("st"), st.just(0)),
)


@settings(deadline=None)
@given(st.lists(REQUESTS, max_size=30))
def test_an_id_means_one_schema_for_ever(requests: list[tuple[str, str, int]]) -> None:
    state, log, seen = RegistryState(), dict[bytes, bytes | None](), dict[int, str]()
    for kind, subject, number in requests:
        try:
            records = _asked(state, kind, subject, number)[0]
        except RegistryRefusal:
            continue
        for record in records:
            state.apply(record)
            key, value = written(record)
            # Compaction keeps the newest record of a key, at its place in the order.
            log.pop(key, None)
            log[key] = value
        for schema_id, text in state.texts.items():
            assert identity(seen.setdefault(schema_id, text)) == identity(text)
        assert len({identity(text) for text in state.texts.values()}) == len(state.texts)
    compacted = RegistryState(back for key, value in log.items() if (back := read(key, value)))
    assert compacted.texts == state.texts
    assert compacted.next_id == state.next_id
    for subject in "st":
        assert compacted.versions(subject, deleted=True) == state.versions(subject, deleted=True)


def _asked(state: RegistryState, kind: str, subject: str, number: int) -> Decided:
    match kind:
        case "register":
            return decisions.register(state, subject, grown(number))
        case "delete_version" | "erase_version":
            return decisions.delete_version(state, subject, number, permanent=kind.startswith("erase"))
        case _:
            return decisions.delete_subject(state, subject, permanent=kind.startswith("erase"))


def test_a_refusal_passes_a_context_manager() -> None:
    """A frozen exception cannot: `with` sets its traceback, and a FrozenInstanceError came out instead."""

    @contextmanager
    def passing() -> Iterator[None]:
        yield

    refusal = RegistryRefusal(404, 40401, "told")
    with pytest.raises(RegistryRefusal, match="told"), passing():
        raise refusal
