"""`onething catalog export | search`: the catalogue in the formats of others, and words looked for in it."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from catalog.register.changes import Entity
    from onething.catalog_client import CatalogClient

app = typer.Typer()

FACETS: Final = ("department", "theme", "sharing_class", "state", "record_type")
FOUND_IN: Final = {"name": "名称", "summary": "摘要", "data_items": "信息项或代码", "": ""}


class Exchange(StrEnum):
    """The formats of others."""

    ODCS = "odcs"
    ASYNCAPI = "asyncapi"
    JSON_LD = "json-ld"


FormatOption = Annotated[
    Exchange, typer.Option("--format", help="odcs: data contracts; asyncapi: topics; json-ld: graph")
]
ToOption = Annotated[
    Path | None,
    typer.Option("--to", help="odcs: this folder, a file for each contract; else this file, not the terminal"),
]


@app.command()
def export(form: FormatOption, to: ToOption = None) -> None:
    """交换格式：data contracts (ODCS 3.1), the topics (AsyncAPI 3.0), or linked data (JSON-LD).

    Example: onething catalog export --format odcs --to contracts/
    """
    if form is Exchange.ODCS:
        _write_contracts(to)
    else:
        document = _asyncapi() if form is Exchange.ASYNCAPI else _graph()
        _write(json.dumps(document, ensure_ascii=False, indent=2), to)


@app.command()
def search(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]", help="词语：执照 finds 营业执照")] = None,
    where: Annotated[list[str] | None, typer.Option(help="筛选 facet=value, repeatable: department=tax")] = None,
    facets: Annotated[bool, typer.Option("--facets", help="how many there are of each value, not the entries")] = False,
    after: Annotated[str, typer.Option(help="next_after of the page before")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    output: FormOption = Form.TABLE,
) -> None:
    """目录检索：entries that have all the words, names first. Example: onething catalog search 执照 --facets."""
    from onething.catalog_client import catalog_client  # noqa: PLC0415 - commands import what they need

    query: dict[str, Any] = {"q": " ".join(words or ()), "after": after, "limit": str(limit), **_chosen(where or [])}
    with catalog_client() as client:
        page = client.get("/v1/catalog/search", query)
    typer.echo(written([*(_facet_rows(page) if facets else map(_entry_row, page["entries"]))], output))
    if output is Form.TABLE and not facets:
        more = f"，下一页 --after {page['next_after']}" if page["next_after"] else ""
        typer.echo(f"共 {page['total']} 条{more}", err=True)


def _write_contracts(folder: Path | None) -> None:
    from catalog.exchange.odcs import contracts  # noqa: PLC0415
    from catalog.register.model import RegisteredOrganisation, Resource  # noqa: PLC0415
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        providers = {each.code: each.name for each in _every(client, "organisation", RegisteredOrganisation)}
        drawn = [*contracts(_every(client, "resource", Resource, state="published"), providers)]
    if folder is None:
        typer.echo("---\n".join(each.to_yaml() for each in drawn), nl=False)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for each in drawn:
        (folder / f"{each.id}.odcs.yaml").write_text(each.to_yaml(), encoding="utf-8")
    typer.echo(f"{len(drawn)} 份合约 contracts: {folder}", err=True)


def _asyncapi() -> dict[str, Any]:
    from catalog.exchange.asyncapi import asyncapi_document  # noqa: PLC0415
    from onething.preparation import hub_topics  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415
    from topics.schemas import published_schemas  # noqa: PLC0415

    return asyncapi_document(hub_topics(load_settings()), published_schemas(), version="1.0.0")


def _graph() -> dict[str, Any]:
    from catalog.exchange.jsonld import graph  # noqa: PLC0415
    from catalog.form_fields import load_materials  # noqa: PLC0415
    from catalog.items import load_items  # noqa: PLC0415
    from catalog.register.model import LicenceType, RegisteredOrganisation, Resource  # noqa: PLC0415
    from onething.catalog_client import catalog_client  # noqa: PLC0415

    with catalog_client() as client:
        return graph(
            load_items(),
            load_materials().values(),
            [*_every(client, "resource", Resource)],
            [*_every(client, "licence-type", LicenceType)],
            [*_every(client, "organisation", RegisteredOrganisation)],
        )


def _every(client: "CatalogClient", entity: "Entity", model: type[Any], **fields: str) -> Iterator[Any]:
    import msgspec  # noqa: PLC0415

    for each in client.every(entity, fields):
        yield msgspec.convert(each["state"], model)


def _write(text: str, to: Path | None) -> None:
    if to is None:
        typer.echo(text)
    else:
        to.write_text(f"{text}\n", encoding="utf-8")


def _chosen(where: list[str]) -> dict[str, list[str]]:
    """Facet → the values that were chosen of it."""
    chosen: dict[str, list[str]] = {}
    for each in where:
        name, sign, value = each.partition("=")
        if not sign or name not in FACETS:
            raise typer.BadParameter(f"筛选项 facet=value, of {', '.join(FACETS)}; not: {each}")
        chosen.setdefault(name, []).append(value)
    return chosen


def _entry_row(found: dict[str, Any]) -> Row:
    state = found["state"]
    return {
        "code": found["entity_id"],
        "name": state["name"],
        "department": state["provider"],
        "sharing_class": state["sharing_class"],
        "state": state["state"],
        "found_in": FOUND_IN[found["found_in"]],
    }


def _facet_rows(page: dict[str, Any]) -> Iterator[Row]:
    for facet, counts in page["facets"].items():
        for each in counts:
            yield {"facet": facet, "value": each["value"], "count": each["count"]}
