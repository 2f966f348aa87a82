from datetime import date

import duckdb
import pytest
from deltalake.exceptions import DeltaError
from fastapi import FastAPI
from starlette.testclient import TestClient

from analytics.http_problems import Fault, Problem, install_problems, not_found, request_refused
from analytics.lake.absent_files import AbsentFile, LakeFilesAbsent
from analytics.lake.location import LakeUnreachable

RAISED: dict[str, tuple[Exception, int, str]] = {
    "absent": (
        LakeFilesAbsent([AbsentFile("cases", "day=2026-06-01/a.parquet", date(2026, 6, 1))]),
        503,
        "lake-file-absent",
    ),
    "unreachable": (LakeUnreachable("s3://city", "no route"), 503, "lake-unavailable"),
    "store": (OSError("Generic S3 error"), 503, "lake-unavailable"),
    "table": (DeltaError("broken log"), 503, "lake-unavailable"),
    "memory": (duckdb.OutOfMemoryException("too much"), 503, "figures-memory"),
    "refused": (request_refused([Fault("as_of", "wrong-value", "a day")]), 422, "request-refused"),
    "unknown": (not_found("rate x", "GET /v1/rates"), 404, "not-found"),
    "bug": (ZeroDivisionError("secret"), 500, "internal-fault"),
}


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()

    @app.get("/{name}")
    def raising(name: str) -> None:
        raise RAISED[name][0]

    @app.get("/typed/{number}")
    def typed(number: int) -> None:
        raise NotImplementedError(number)

    install_problems(app)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("name", RAISED)
def test_whatever_is_raised_is_a_problem_with_a_remedy(client: TestClient, name: str) -> None:
    _, status, code = RAISED[name]
    answer = client.get(f"/{name}")
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (status, f"urn:onething:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["remedy"]
    assert "secret" not in answer.text


def test_an_absent_file_names_the_command_that_builds_it_again(client: TestClient) -> None:
    assert "onething lake rebuild cases --day 2026-06-01" in client.get("/absent").json()["remedy"]


def test_a_wrong_type_names_its_field(client: TestClient) -> None:
    assert client.get("/typed/x").json()["faults"][0]["field"] == "number"


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    assert client.get("/a/b/c").json()["type"] == "urn:onething:problem:http-fault"


def test_a_problem_says_what_and_why_in_one_line() -> None:
    assert str(Problem(404, "x", "未找到", "rate y", "—")) == "未找到: rate y"
