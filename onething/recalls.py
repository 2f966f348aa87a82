"""Recalls, wired: from a correction to who consumed its value, and how that is shown."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from catalog.corrections import Correction
from catalog.organisations import load_organisations
from catalog.register.http_views import iso
from catalog.registry import read_schema_ids
from connectors.kafka import KafkaOptions
from processors.domain.service import Service, load_services
from processors.recall import Recall, WrongValue, recalled
from processors.recall.consumption import KINDS
from processors.recall.scan import Tell
from topics.codec import RowCodec

COLUMNS: Final = ("at", "kind", "department", "who", "purpose", "case", "grant", "report", "marked")


def wrong_value(correction: Correction) -> WrongValue:
    """What a correction is about, as a recall looks for it."""
    value = correction.value
    return WrongValue(
        subject=value.subject,
        resource=value.resource,
        record_id=value.record_id,
        field=value.field,
        event_ids=(value.event_id, *value.earlier),
        appeared_at=value.appeared_at,
        disputed_at=correction.disputed_at,
        corrected_at=correction.corrected_at or correction.ended_at,
    )


def recall_of(options: KafkaOptions, value: WrongValue, tell: Tell = lambda _topic, _read, _all: None) -> Recall:
    """Who consumed a value, out of this cluster's log.

    Raises:
        LogNotRead: the log is not there, or stopped answering.
    """
    codec = RowCodec(read_schema_ids(options))
    fills = {bundle: filled_from(service) for bundle, service in load_services().items()}
    return recalled(options, codec, value, fills, frozenset(load_organisations().by_code), tell)


def filled_from(service: Service) -> frozenset[tuple[str, str]]:
    """What a bundle's form is filled from: resource, and name of the value in its records."""
    fields = service.fields.values()
    return frozenset((each.source.resource, each.content) for each in fields if each.source and each.is_shareable)


def recall_view(correction: str, found: Recall) -> dict[str, Any]:
    """A recall as JSON: whom to tell, and each time that the value was consumed."""
    value = found.value
    return {
        "correction": correction,
        "subject": value.subject,
        "resource": value.resource,
        "record_id": value.record_id,
        "field": value.field,
        "appeared_at": iso(value.appeared_at),
        "corrected_at": iso(value.corrected_at),
        "reports": [{"case": case, "report": report} for case, report in found.reports],
        "cases": found.cases,
        "grants": found.grants,
        "departments": found.departments,
        "consumptions": recall_rows(found),
    }


def recall_rows(found: Recall) -> list[dict[str, Any]]:
    """One row for each time that the value was consumed."""
    names = load_organisations().by_code
    return [_row(each, names) for each in found.consumptions]


def recall_csv(found: Recall) -> str:
    """The rows as CSV, with a heading."""
    told = io.StringIO()
    out = csv.DictWriter(told, ("kind_name", "department_name", *COLUMNS))
    out.writeheader()
    out.writerows(recall_rows(found))
    return told.getvalue()


def _row(consumption: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: getattr(consumption, name) for name in COLUMNS}
    known = names.get(consumption.department)
    return {
        **said,
        "at": iso(consumption.at),
        "report": consumption.report or None,
        "kind_name": KINDS[consumption.kind],
        "department_name": known.name if known else "",
    }
