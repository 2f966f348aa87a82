import asyncio
import json
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from onething.gateway.problems import install_problems
from onething.gateway.report_checks import SHORT_CODE_LENGTH, covered, report_check_router
from processors.cases import StoreMissing
from processors.cases.views import ReportView
from processors.domain.report import FORMAT, verification_code

ENTERPRISE = "91610115MAXLX7494N"


def issued(**changed: Any) -> dict[str, Any]:
    document = {
        "format": FORMAT,
        "title": "企业上市合法合规信息核查报告",
        "bundle": {"id": "listing-compliance", "name": "企业上市合法合规信息核查“一件事”", "document": "60号"},
        "lead": {"code": "industry-and-information", "name": "市工信局"},
        "subjects": [{"subject": f"enterprise:{ENTERPRISE}", "related": False}],
        "requested_by": "某拟上市企业",
        **changed,
    }
    return {**document, "verification_code": verification_code(document)}


class Reports:
    """Holds one report, and finds it as the store does."""

    def __init__(self, report: dict[str, Any] | None, status: str = "current") -> None:
        self._report, self._status = report, status

    def report_by_code(self, code: str) -> ReportView | None:
        if self._report is None:
            raise StoreMissing("no store", "start")
        if not self._report["verification_code"].startswith(code):
            return None
        return ReportView(
            case_id="C1",
            number=1,
            kind="report",
            status=self._status,
            issued_at=1_795_342_692_000_000,
            verification_code=self._report["verification_code"],
            body=json.dumps(self._report).encode(),
        )


def client(reports: Reports) -> httpx2.AsyncClient:
    app = FastAPI()
    app.include_router(report_check_router(reports))  # type: ignore[arg-type]  # the one method that it asks
    install_problems(app)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://gateway")


def asked(method: str, path: str, reports: Reports, body: Any = None) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        async with client(reports) as http:
            return await http.request(method, path, json=body)

    return asyncio.run(ask())


@pytest.mark.parametrize("length", [SHORT_CODE_LENGTH, 40, 64])
def test_a_report_is_found_by_its_code_or_the_beginning_of_it(length: int) -> None:
    report = issued()
    answer = asked("GET", f"/v1/report-checks/{report['verification_code'][:length].upper()}", Reports(report))
    told = answer.json()
    assert (told["genuine"], told["status"], told["issued_on"]) == (True, "current", "2026-11-22")
    assert told["subjects"] == ["9161**********494N"]


def test_nothing_is_told_of_who_asked_or_of_the_whole_code() -> None:
    report = issued()
    answer = asked("GET", f"/v1/report-checks/{report['verification_code']}", Reports(report))
    assert ENTERPRISE not in answer.text
    assert "某拟上市企业" not in answer.text
    assert report["verification_code"] not in answer.text


def test_a_report_that_was_changed_is_told_as_changed() -> None:
    report = issued()
    forged = {**report, "title": "另一份报告"}
    assert asked("POST", "/v1/report-checks", Reports(report), forged).json() == {
        "genuine": False,
        "changed": True,
    }


def test_a_report_that_was_never_issued_is_not_genuine_though_its_code_fits() -> None:
    answer = asked("POST", "/v1/report-checks", Reports(issued()), issued(title="自制的报告"))
    assert answer.json() == {"genuine": False, "changed": False}


def test_a_superseded_report_says_so() -> None:
    report = issued()
    answer = asked("POST", "/v1/report-checks", Reports(report, "superseded"), report)
    assert (answer.json()["genuine"], answer.json()["status"]) == (True, "superseded")


@pytest.mark.parametrize("code", ["abc", "g" * 20, "0" * 65])
def test_what_is_no_code_is_refused(code: str) -> None:
    answer = asked("GET", f"/v1/report-checks/{code}", Reports(issued()))
    assert answer.status_code == 422


def test_an_unknown_code_and_a_store_that_is_not_there_are_no_such_report() -> None:
    for reports in (Reports(issued()), Reports(None)):
        answer = asked("GET", f"/v1/report-checks/{'0' * 64}", reports)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:onething:problem:no-such-report")


def test_a_person_is_only_told_to_be_one() -> None:
    assert covered("person:37623c7b13df964b71d493eb6ff31415") == "自然人"
