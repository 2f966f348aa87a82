from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from onething.gateway.health import Verdict
from onething.gateway.problems import install_problems

USCC = "91440300708461136T"


def test_readiness_names_each_check(gateway: Any) -> None:
    assert gateway.http.get("/health/live").json() == {"status": "live"}
    assert gateway.http.get("/health/ready").status_code == 200
    gateway.verdicts["kafka"] = Verdict(ok=False, detail="gone", remedy="run: onething up")
    answer = gateway.http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["kafka"] == {"ok": False, "detail": "gone", "remedy": "run: onething up"}


def test_metrics_count_requests_by_route(gateway: Any) -> None:
    gateway.ask({"Prefer": "wait=5"})
    text = gateway.http.get("/metrics").text
    assert 'onething_http_request_seconds_count{method="POST",route="/v1/verifications",status="201"} 1.0' in text
    assert 'onething_verifications_requested_total{bundle="listing-compliance"} 1.0' in text
    assert "onething_verification_report_seconds_count 1.0" in text


def test_log_lines_carry_the_request_id_and_no_path_values(gateway: Any) -> None:
    with capture_logs(processors=[]) as lines:
        answer = gateway.http.get(f"/v1/enterprises/{USCC}/archive?purpose=x", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    (line,) = [each for each in lines if each["event"] == "request_answered"]
    assert (line["route"], line["status"]) == ("/v1/enterprises/{uscc}/archive", 400)
    assert USCC not in str(lines)


def test_a_request_id_that_could_forge_log_lines_is_replaced(gateway: Any) -> None:
    answer = gateway.http.get("/health/live", headers={"X-Request-Id": "a b=c"})
    assert answer.headers["x-request-id"] != "a b=c"


def test_the_documentation_needs_no_other_host(gateway: Any) -> None:
    for page in ("/docs", "/redoc"):
        text = gateway.http.get(page).text
        assert "http://" not in text
        assert "https://" not in text
    assert gateway.http.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200


def test_the_description_of_the_api_is_whole(gateway: Any) -> None:
    document = gateway.http.get("/openapi.json").json()
    assert "/v1/departments/{code}/tasks/{task_id}/review" in document["paths"]
    body = document["paths"]["/v1/verifications"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "look_back_years" in body["properties"]


def test_an_unknown_path_is_a_problem(gateway: Any) -> None:
    answer = gateway.http.get("/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert gateway.http.delete("/v1/verifications").status_code == 405


def test_a_fault_of_the_gateway_itself_is_a_problem_and_tells_nothing_of_what_it_holds() -> None:
    app = FastAPI()

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("a secret")

    install_problems(app)
    answer = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    with pytest.raises(ValueError, match="secret"):
        TestClient(app).get("/broken")
