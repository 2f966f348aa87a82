"""`onething item`: the item register, what is doubtful in it, and the guides that are generated from it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from onething.rows import Form, FormOption

if TYPE_CHECKING:
    from catalog.bundle_guide import BundleGuide
    from catalog.documents import Document
    from catalog.item_lint import Finding
    from catalog.service_guide import GuideBook, ServiceGuide

app = typer.Typer(name="item", help="事项库：the items, each once, and their guides.", no_args_is_help=True)

UNSTATED: Final = "来源未载明"
SEVERITIES: Final = {"fault": "错误", "hint": "提示"}
UNBROKEN: Final = frozenset(("编码", "级别", "要素", "件数"))


class Writing(StrEnum):
    """How a document is written."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"
    YAML = "yaml"


CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help="事项编码或名称：an item's code or name, see `onething item list`")
]
CodeOrNoneArgument = Annotated[str, typer.Argument(metavar="[CODE]", help="事项编码或名称：an item's code or name")]
BundleOption = Annotated[str, typer.Option("--bundle", help="一件事代码：of the whole bundle instead of one item")]
WritingOption = Annotated[Writing, typer.Option("--output", "-o", help="md, html, or json or yaml for programs")]
FileOption = Annotated[Path | None, typer.Option("--to", help="write to this file instead of the terminal")]


@app.callback()
def item() -> None:
    """事项库：the items, each once, and their guides. Exit codes: 0 done, 1 faults found, 2 no such item."""


@app.command("list")
def list_(
    kind: Annotated[str, typer.Option(help="类型：licensing, confirmation, benefit, …, or 行政许可, …")] = "",
    organisation: Annotated[str, typer.Option(help="实施机关：an organisation's code or name")] = "",
    bundle: Annotated[str, typer.Option(help="一件事代码：items of this bundle")] = "",
    name: Annotated[str, typer.Option(help="名称中的文字：words of a name or alias")] = "",
    unstated: Annotated[bool, typer.Option("--unstated", help="only items of which something is unstated")] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """事项清单：the items by code. Example: onething item list --organisation 市税务局 --kind 行政许可."""
    from onething.item_rows import ELEMENT_WORDS, ItemFilter, chosen, listed  # noqa: PLC0415 - read when it runs

    book = _book()
    only = ItemFilter(_kind(kind), _organisation(book, organisation), _bundle(bundle), name, unstated)
    rows = [listed(book, each) for each in chosen(book, only)]
    if output is not Form.TABLE:
        _tell(rows, output)
        return
    missing = ("未载明",) if unstated else ()
    _print_table(
        ("编码", "事项", "类型", "实施机关", "件数", *missing),
        [
            (
                row["code"],
                row["name"],
                row["kind"]["name"],
                _names(row["organisations"]),
                str(len(row["bundles"])),
                *("、".join(ELEMENT_WORDS[each] for each in row["unstated"]) for _ in missing),
            )
            for row in rows
        ],
    )
    typer.echo(f"{len(rows)} 个事项（件数：所在“一件事”的数目）")


@app.command()
def show(code: CodeArgument, output: FormOption = Form.TABLE) -> None:
    """事项：all that the register says of an item. Example: onething item show 食品经营许可."""
    from onething.item_rows import shown, told  # noqa: PLC0415

    book = _book()
    guide = _guide(book, code)
    if output is not Form.TABLE:
        _tell(shown(guide), output)
        return
    _print_table(("要素", "内容"), told(guide))


@app.command()
def lint(
    folder: Annotated[
        Path | None, typer.Argument(help="a folder of register files; the project's own when not given")
    ] = None,
    faults_only: Annotated[bool, typer.Option("--faults", help="错误：leave out hints")] = False,
    output: FormOption = Form.TABLE,
) -> None:
    """核对事项库：differences between units, names that may be one, elements that disagree; exit code 1 on a fault."""
    from onething.item_rows import found  # noqa: PLC0415

    findings = [each for each in _findings(folder) if not faults_only or each.severity == "fault"]
    if output is not Form.TABLE:
        _tell([found(each) for each in findings], output)
    else:
        _print_findings(findings)
    raise typer.Exit(1 if any(each.severity == "fault" for each in findings) else 0)


@app.command()
def guide(
    code: CodeOrNoneArgument = "",
    bundle: BundleOption = "",
    output: WritingOption = Writing.MARKDOWN,
    to: FileOption = None,
) -> None:
    """办事指南：the guide of an item or a bundle. Example: onething item guide --bundle newborn -o html --to a.html."""
    from catalog.bundle_documents import bundle_guide_document  # noqa: PLC0415
    from catalog.guide_documents import guide_document  # noqa: PLC0415

    _write(_document(code, bundle, output, guide_document, bundle_guide_document), to)


@app.command()
def instruction(
    code: CodeOrNoneArgument = "",
    bundle: BundleOption = "",
    output: WritingOption = Writing.MARKDOWN,
    to: FileOption = None,
) -> None:
    """操作规程、工作指引：for the staff of an item or a bundle. Example: onething item instruction 食品经营许可."""
    from catalog.bundle_documents import bundle_instruction_document  # noqa: PLC0415
    from catalog.guide_documents import instruction_document  # noqa: PLC0415

    _write(_document(code, bundle, output, instruction_document, bundle_instruction_document), to)


def _document(
    code: str,
    bundle: str,
    writing: Writing,
    of_item: "Callable[[ServiceGuide], Document]",
    of_bundle: "Callable[[BundleGuide], Document]",
) -> str:
    from onething.item_rows import bundle_shown, shown  # noqa: PLC0415

    if bool(code) == bool(bundle):
        raise typer.BadParameter("给出事项编码或者 --bundle 之一 / give an item's code or --bundle, one of them")
    book = _book()
    if code:
        guide = _guide(book, code)
        return _written(writing, lambda: of_item(guide), lambda: shown(guide))
    from catalog.bundle_guide import bundle_guide  # noqa: PLC0415
    from catalog.bundles import load_bundles  # noqa: PLC0415

    whole = bundle_guide(book, load_bundles()[_bundle(bundle)])
    return _written(writing, lambda: of_bundle(whole), lambda: bundle_shown(whole))


def _written(writing: Writing, document: "Callable[[], Document]", value: Callable[[], dict[str, Any]]) -> str:
    from catalog.documents import html, markdown  # noqa: PLC0415

    match writing:
        case Writing.MARKDOWN:
            return markdown(document())
        case Writing.HTML:
            return html(document())
        case _:
            return _text(value(), Form(writing.value)) + "\n"


def _write(text: str, to: Path | None) -> None:
    if to is None:
        typer.echo(text, nl=False)
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as fault:
        _fail(f"无法写入 cannot write {to}: {fault.strerror}", "换一个可写的文件 name a file that can be written")
    typer.echo(f"已写入 written: {to}", err=True)


def _book() -> "GuideBook":
    from catalog.service_guide import load_guide_book  # noqa: PLC0415

    return load_guide_book()


def _guide(book: "GuideBook", asked: str) -> "ServiceGuide":
    by_name = {name: each.code for each in book.items for name in each.names}
    code = asked if asked in book.items.by_code else by_name.get(asked)
    if code is None:
        _fail(
            f"没有编码或名称为 {asked!r} 的事项 no such item",
            _near(asked, [*by_name, *book.items.by_code], "item list"),
        )
    return book.guide(code)


def _kind(asked: str) -> str:
    from catalog.item_words import KIND_WORDS  # noqa: PLC0415

    return _one_of(asked, KIND_WORDS, "类型 kind", "item list --help")


def _organisation(book: "GuideBook", asked: str) -> str:
    known = book.organisations
    if asked in known.by_name:
        return known.by_name[asked].code
    return _one_of(asked, {each.code: each.name for each in known.all}, "单位 organisation", "item list")


def _bundle(asked: str) -> str:
    from catalog.bundles import load_bundles  # noqa: PLC0415

    return _one_of(asked, {each.id: each.name for each in load_bundles().values()}, "一件事 bundle", "bundle list")


def _one_of(asked: str, known: Mapping[str, str], what: str, command: str) -> str:
    """The code of what is asked for by code or by name; nothing asked is nothing."""
    by_name = {name: code for code, name in known.items()}
    if asked and asked not in known and asked not in by_name:
        _fail(f"没有这个{what}: {asked!r}", _near(asked, [*known, *by_name], command))
    return by_name.get(asked, asked)


def _near(asked: str, known: Sequence[str], command: str) -> str:
    near = get_close_matches(asked, known, n=3)
    return f"相近 near: {', '.join(near)}" if near else f"全部 all: onething {command}"


def _fail(what: str, remedy: str) -> NoReturn:
    typer.echo(f"错误 error: {what}\n→ {remedy}", err=True)
    raise typer.Exit(2)


def _findings(folder: Path | None) -> "Sequence[Finding]":
    from catalog.definitions import DefinitionFaultsError  # noqa: PLC0415
    from catalog.item_lint import lint_items, of_faults  # noqa: PLC0415
    from catalog.items import load_items  # noqa: PLC0415

    try:
        return lint_items(_book() if folder is None else replace(_book(), items=load_items(folder)))
    except DefinitionFaultsError as broken:
        return of_faults(broken.faults)


def _print_findings(findings: "Sequence[Finding]") -> None:
    _print_table(
        ("级别", "位置", "编码", "发现"),
        [(SEVERITIES[each.severity], each.place, each.item, each.text) for each in findings],
    )
    faults = sum(each.severity == "fault" for each in findings)
    typer.echo(f"{faults} 处错误 fault(s)，{len(findings) - faults} 处提示 hint(s)")


def _names(named: Sequence[Mapping[str, str]] | None) -> str:
    return UNSTATED if named is None else "、".join(each["name"] for each in named)


def _tell(value: Any, form: Form) -> None:
    typer.echo(_text(value, form))


def _text(value: Any, form: Form) -> str:
    from onething.nested import yaml_text  # noqa: PLC0415

    return json.dumps(value, ensure_ascii=False, indent=2) if form is Form.JSON else yaml_text(value)


def _print_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table()
    for heading in headings:
        table.add_column(heading, overflow="fold", no_wrap=heading in UNBROKEN)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)
