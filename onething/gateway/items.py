"""The item register at the door: the list, one item, service guides and instructions."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from catalog.bundle_documents import bundle_guide_document, bundle_instruction_document
from catalog.bundle_guide import BundleGuide, bundle_guide
from catalog.bundles import load_bundles
from catalog.documents import Document, html, markdown
from catalog.guide_documents import guide_document, instruction_document
from catalog.item_file import CODE_SHAPE
from catalog.service_guide import GuideBook, ServiceGuide, load_guide_book
from onething.gateway.pages import PageQuery, PageSizeQuery
from onething.gateway.problems import Fault, JsonResponse, Problem, request_refused
from onething.item_rows import ITEM_KINDS, ItemFilter, bundle_shown, chosen, listed, shown

LONGEST_NAME = 100


class Writing(StrEnum):
    """How a document is written."""

    JSON = "json"
    MARKDOWN = "md"
    HTML = "html"


WritingQuery = Annotated[Writing, Query(alias="format", description="json, md or html")]
KindQuery = Annotated[str, Query(description=" | ".join(ITEM_KINDS))]
OrganisationQuery = Annotated[str, Query(description="实施机关: an organisation's code")]
BundleQuery = Annotated[str, Query(description="一件事: a bundle's id")]
NameQuery = Annotated[str, Query(max_length=LONGEST_NAME, description="名称中的文字: words of a name or alias")]
UnstatedQuery = Annotated[bool, Query(description="only items of which something is unstated")]


def item_router() -> APIRouter:
    """Routes that read the item register and the guides of bundles.

    Raises:
        DefinitionFaultsError: the register or the bundles do not hold together.
    """
    book = load_guide_book()
    router = APIRouter(prefix="/v1", tags=["事项库 items"])

    @router.get("/items", summary="事项清单")
    async def items(
        kind: KindQuery = "",
        organisation: OrganisationQuery = "",
        bundle: BundleQuery = "",
        name: NameQuery = "",
        unstated: UnstatedQuery = False,
        page: PageQuery = "",
        page_size: PageSizeQuery = 50,
    ) -> Response:
        only = ItemFilter(kind, organisation, bundle, name, unstated)
        if faults := [*_faults(book, only), *_page_faults(page)]:
            raise request_refused(faults)
        return JsonResponse(_page(book, only, page, page_size))

    @router.get("/items/{code}", summary="事项")
    async def item(code: str) -> Response:
        return JsonResponse(shown(_guide(book, code)))

    @router.get("/items/{code}/guide", summary="办事指南")
    async def guide(code: str, writing: WritingQuery = Writing.JSON) -> Response:
        found = _guide(book, code)
        return _written(writing, lambda: shown(found), lambda: guide_document(found))

    @router.get("/items/{code}/instruction", summary="操作规程")
    async def instruction(code: str, writing: WritingQuery = Writing.JSON) -> Response:
        found = _guide(book, code)
        return _written(writing, lambda: shown(found), lambda: instruction_document(found))

    @router.get("/bundles/{bundle}/guide", summary="集成办事指南")
    async def guide_of_bundle(bundle: str, writing: WritingQuery = Writing.JSON) -> Response:
        found = _bundle_guide(book, bundle)
        return _written(writing, lambda: bundle_shown(found), lambda: bundle_guide_document(found))

    @router.get("/bundles/{bundle}/instruction", summary="集成办理工作指引")
    async def instruction_of_bundle(bundle: str, writing: WritingQuery = Writing.JSON) -> Response:
        found = _bundle_guide(book, bundle)
        return _written(writing, lambda: bundle_shown(found), lambda: bundle_instruction_document(found))

    return router


def _page(book: GuideBook, only: ItemFilter, after: str, size: int) -> dict[str, Any]:
    """A page by code; the mark of the next one is the last code, so that no change of the register shifts it."""
    following = [item for item in chosen(book, only) if item.code > after]
    here = following[:size]
    more = len(following) > size
    return {"items": [listed(book, each) for each in here], "next_page": here[-1].code if more else None}


def _faults(book: GuideBook, only: ItemFilter) -> Iterator[Fault]:
    if only.kind and only.kind not in ITEM_KINDS:
        yield Fault("kind", "no-such-kind", f"is no kind of items; the kinds are {', '.join(ITEM_KINDS)}")
    if only.organisation and only.organisation not in book.organisations.by_code:
        yield Fault("organisation", "no-such-organisation", "is no organisation's code")
    if only.bundle and only.bundle not in load_bundles():
        yield Fault("bundle", "no-such-bundle", "is no bundle's id")


def _page_faults(page: str) -> Iterator[Fault]:
    if page and CODE_SHAPE.fullmatch(page) is None:
        yield Fault("page", "not-a-page", "is no next_page of an earlier answer")


def _guide(book: GuideBook, code: str) -> ServiceGuide:
    if code not in book.items.by_code:
        raise Problem(
            404,
            "no-such-item",
            "事项库中没有这个编码 / the register has no item of this code",
            f"{code[:64]!r} is no item's code",
            "find the code: GET /v1/items?name=…, or onething item list",
        )
    return book.guide(code)


def _bundle_guide(book: GuideBook, bundle: str) -> BundleGuide:
    bundles = load_bundles()
    if bundle not in bundles:
        raise Problem(
            404,
            "no-such-bundle",
            "没有这个一件事 / no bundle has this id",
            f"{bundle[:64]!r} is no bundle's id",
            "see the bundles: GET /v1/bundles, or onething bundle list",
        )
    return bundle_guide(book, bundles[bundle])


def _written(writing: Writing, value: Callable[[], dict[str, Any]], document: Callable[[], Document]) -> Response:
    match writing:
        case Writing.JSON:
            return JsonResponse(value())
        case Writing.MARKDOWN:
            return PlainTextResponse(markdown(document()), media_type="text/markdown; charset=utf-8")
        case Writing.HTML:
            return HTMLResponse(html(document()))
