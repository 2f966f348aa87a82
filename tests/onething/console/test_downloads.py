import asyncio

import httpx2
import pytest
from fastapi import FastAPI

from onething.console.downloads import download_router, file_name, is_offered
from onething.console.hub import Hub


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("/v1/verifications/01M81C/report", True),
        ("/v1/applications/01M81C/receipt", True),
        ("/v1/bulletins/2026-10/market-regulation.pdf", True),
        ("/v1/verifications/../catalog/report", False),
        ("/v1/applications/01M81C/form", False),
        ("/v1/catalog/organisation", False),
    ],
)
def test_only_files_are_handed_on(path: str, *, offered: bool) -> None:
    assert is_offered(path) is offered


def taken(path: str, answer: httpx2.Response) -> httpx2.Response:
    async def take() -> httpx2.Response:
        hub = Hub(lambda: "http://gateway", transport=httpx2.MockTransport(lambda _: answer))
        app = FastAPI()
        app.include_router(download_router(hub))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://console") as http:
            return await http.get(path)

    return asyncio.run(take())


def test_a_file_bears_a_name_of_its_own() -> None:
    text = httpx2.Response(200, text="报告", headers={"content-type": "text/plain; charset=utf-8"})
    answer = taken("/download/v1/verifications/C1/report?format=text", text)
    assert answer.headers["content-disposition"] == 'attachment; filename="report-C1.txt"'
    assert answer.text == "报告"
    assert file_name("/v1/bulletins/2026-10/tax.pdf", {"content-type": "application/pdf"}) == "tax.pdf"


def test_a_refusal_is_told_as_text() -> None:
    problem = {"title": "报告尚未出具 / there is no report yet", "detail": "", "remedy": "稍后再试"}
    answer = taken("/download/v1/verifications/C1/report", httpx2.Response(404, json=problem))
    assert answer.status_code == 404
    assert "报告尚未出具" in answer.text


def test_what_is_not_offered_is_not_there() -> None:
    assert taken("/download/v1/catalog/organisation", httpx2.Response(200, json={})).status_code == 404
