from collections import Counter

from catalog.register.field_readers import (
    BrokenReader,
    FieldReader,
    broken_readers,
    declared_readers,
    fields_read,
    grant_readers,
)

GRANT = {
    "id": "g1",
    "state": "issued",
    "reader": ["bank"],
    "fields": {"tax.arrears": ["cause"], "tax.other": ["name"]},
}


def test_fields_are_found_however_they_are_written() -> None:
    cel = 'records.filter(r, has(r.content.state) && r.content["outcome"] == "欠缴" && r.valid_at < until)'
    assert fields_read(cel) == {"state", "outcome"}
    assert fields_read("records.all(x, x.content . state == 1)") == frozenset()


def test_every_kind_of_definition_has_readers() -> None:
    kinds = Counter(reader.kind for reader in declared_readers())
    assert {"check", "condition", "policy", "form-field"} <= set(kinds)


def test_a_field_that_vanishes_breaks_the_checks_that_read_it() -> None:
    readers = declared_readers()
    resource = next(reader.resources[0] for reader in readers if reader.kind == "check" and "state" in reader.fields)
    broken = broken_readers(readers, {resource: ["state", "nobody_reads_this"]})
    assert broken
    assert {(each.resource, each.fields) for each in broken} == {(resource, ("state",))}
    assert broken_readers(readers, {resource: ["nobody_reads_this"]}) == ()


def test_grants_that_stand_are_readers() -> None:
    readers = tuple(grant_readers([GRANT, {**GRANT, "id": "g2", "state": "ended"}]))
    assert readers[0] == FieldReader("grant", "g1", "bank", ("tax.arrears",), frozenset({"cause"}))
    assert broken_readers(readers, {"tax.arrears": ["cause"]}) == (
        BrokenReader("grant", "g1", "bank", "tax.arrears", ("cause",)),
    )
