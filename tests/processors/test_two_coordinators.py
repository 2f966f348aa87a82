"""Two coordinators share PostgreSQL and the consumer group; one is killed in the middle of its cases."""

from pathlib import Path

import pytest

from connectors.kafka import KafkaOptions
from processors.cases import CaseReader
from tests.processors.coordinating import Log, answer_checks, asked_now, coordinator, of
from topics.events import CaseUpdated, ReportIssued

pytestmark = [pytest.mark.broker, pytest.mark.postgresql]


def test_one_of_two_killed_mid_bundle_loses_and_doubles_nothing(
    case_cluster: KafkaOptions, log: Log, database: str, tmp_path: Path
) -> None:
    cases = [asked_now(f"shared-{number}") for number in range(60)]
    with coordinator(case_cluster, database, tmp_path, 0), coordinator(case_cluster, database, tmp_path, 1) as second:
        for asked in cases:
            log.publish("case.requests", asked)
        for asked in cases[:30]:
            answer_checks(log, asked)
        log.await_event(ReportIssued, of(cases[0].case_id))
        second.kill()
        for asked in cases[30:]:
            answer_checks(log, asked)
        for asked in cases:
            log.await_event(ReportIssued, of(asked.case_id))
        with CaseReader(database) as reader:
            assert all(len(reader.reports(asked.case_id)) == 1 for asked in cases)
    of_these = {asked.case_id for asked in cases}
    issued = {event.event_id: event for event in log.seen if isinstance(event, ReportIssued)}
    assert sorted(event.case_id for event in issued.values()) == sorted(of_these)
    revisions = {event.event_id: event for event in log.seen if isinstance(event, CaseUpdated)}.values()
    for case_id in of_these:
        assert sorted(event.revision for event in revisions if event.case_id == case_id) == [1, 2]
