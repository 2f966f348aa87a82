"""Who reads which fields of which resources: rules of checks, policies, conditions, forms, and grants."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from catalog.bundles import load_bundles
from catalog.form_fields import load_form_fields
from catalog.items import load_items
from catalog.policies import load_policies
from catalog.register.changes import State

# Records are read as `r.content.state` and `r.content["state"]`; the record's own name is the macro's.
_READ: Final = re.compile(r"\.content(?:\.([A-Za-z_]\w*)|\[\s*[\"']([^\"']+)[\"']\s*\])")


class FieldReader(msgspec.Struct, frozen=True):
    """One reader: what it is, where it stands, and the fields that it reads of each resource."""

    kind: str
    id: str
    name: str
    resources: tuple[str, ...]
    fields: frozenset[str]


class BrokenReader(msgspec.Struct, frozen=True):
    """A reader that a change would break, by these fields of this resource."""

    kind: str
    id: str
    name: str
    resource: str
    fields: tuple[str, ...]


def fields_read(cel: str) -> frozenset[str]:
    """Names of a record's own fields that an expression reads."""
    return frozenset(dotted or quoted for dotted, quoted in _READ.findall(cel))


def declared_readers() -> tuple[FieldReader, ...]:
    """Every reader that the hub's definitions declare, each once."""
    return tuple(dict.fromkeys((*_checks(), *_commitments(), *_conditions(), *_policies(), *_forms())))


def grant_readers(grants: Iterable[State]) -> Iterator[FieldReader]:
    """Grants that stand, as readers of the fields that they were issued for."""
    for grant in grants:
        if grant["state"] == "issued":
            for resource, fields in grant["fields"].items():
                who = "、".join(grant["reader"])
                yield FieldReader("grant", grant["id"], who, (resource,), frozenset(fields))


def broken_readers(readers: Iterable[FieldReader], changed: Mapping[str, Iterable[str]]) -> tuple[BrokenReader, ...]:
    """Return the readers of fields that vanish or turn into another type.

    Args:
        readers: who reads what.
        changed: code of a resource → the fields that its readers can no longer read as they do.
    """
    lost = {resource: frozenset(fields) for resource, fields in changed.items()}
    return tuple(
        BrokenReader(reader.kind, reader.id, reader.name, resource, tuple(sorted(hit)))
        for reader in readers
        for resource in reader.resources
        if (hit := reader.fields & lost.get(resource, frozenset()))
    )


def _checks() -> Iterator[FieldReader]:
    for bundle in load_bundles().values():
        for item in bundle.items:
            for answerer in item.answerers:
                for read in answerer.reads:
                    place = f"{bundle.id}#{item.number}"
                    name = f"{item.text}（{read.rule_name}）"
                    yield FieldReader("check", place, name, (read.resource,), fields_read(read.cel))


def _commitments() -> Iterator[FieldReader]:
    for bundle in load_bundles().values():
        for commitment in bundle.commitments:
            if commitment.cel:
                yield _expressed("commitment", f"{bundle.id}/{commitment.material}", commitment)


def _conditions() -> Iterator[FieldReader]:
    for item in load_items().by_code.values():
        for condition in item.elaborated.conditions if item.elaborated else ():
            if condition.cel:
                yield _expressed("condition", f"{item.code}/{condition.id}", condition)


def _policies() -> Iterator[FieldReader]:
    for policy in load_policies().values():
        for condition in policy.conditions:
            place = f"{policy.id}/{condition.id}"
            yield FieldReader("policy", place, condition.text, condition.resources, fields_read(condition.cel))


def _forms() -> Iterator[FieldReader]:
    for field in load_form_fields().values():
        if field.fill is not None:
            fields = frozenset((field.fill.content,))
            yield FieldReader("form-field", field.id, field.name, (field.fill.resource,), fields)


def _expressed(kind: str, place: str, said: Any) -> FieldReader:
    return FieldReader(kind, place, said.text, tuple(said.reads), fields_read(said.cel))
