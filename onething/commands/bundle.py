"""`onething bundle`: the definitions of the bundles, checked, listed and shown."""

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onething.commands.service import app as service
from onething.rows import Form, FormOption

if TYPE_CHECKING:
    from catalog.bundles import Baseline, Bundle

app = typer.Typer(name="bundle", help="一件事定义：the definitions of the bundles.", no_args_is_help=True)

UNSTATED = "来源未载明"
ITEM_KINDS = {
    "intake-and-delivery": "统筹",
    "check": "核查",
    "handling": "办理",
    "joint": "联合办理",
    "payment": "缴费",
}
SUBJECTS = {"enterprise": "企业", "person": "个人"}
MEANS = {"counter": "现场领取", "mail": "邮寄", "e-licence": "电子证照"}
UNBROKEN = {"代码", "编码", "来源", "项数", "序号", "批次", "在其后"}
DIFFERENCES = {"name": "名称", "stage": "阶段", "lead": "牵头", "item": "事项"}


class GraphForm(StrEnum):
    """How an order of items is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    DOT = "dot"


IdArgument = Annotated[
    str, typer.Argument(metavar="ID", help="一件事代码：the bundle's id, see `onething bundle list`")
]


@app.callback()
def bundle() -> None:
    """一件事定义：checked, listed and shown. Exit codes: 0 done, 1 faults found, 2 no such bundle."""


@app.command()
def lint(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="a folder of definition files, with routes.toml beside it; the project's own when not given"
        ),
    ] = None,
    output: FormOption = Form.TABLE,
) -> None:
    """核对定义：every fault of every file at once, with its line; exit code 1 when there is one."""
    from catalog.bundles import BUNDLES_FOLDER, bundle_folder_faults  # noqa: PLC0415 - read when it runs
    from catalog.definition_place import place_of  # noqa: PLC0415

    at = folder or place_of(BUNDLES_FOLDER.name)
    faults = bundle_folder_faults(at)
    if output is not Form.TABLE:
        _tell([{"file": f.file, "line": f.line, "place": f.place, "reason": f.reason} for f in faults], output)
    elif faults:
        typer.echo("\n".join((*map(str, faults), f"{len(faults)} 处问题 fault(s)")))
    else:
        typer.echo(f"{len(list(at.glob('*.toml')))} 个定义文件，没有问题：no fault")
    raise typer.Exit(1 if faults else 0)


@app.command("list")
def list_(output: FormOption = Form.TABLE) -> None:
    """一件事清单：every bundle in its source's order, with leads, items and departments as printed."""
    from onething.bundle_rows import listed  # noqa: PLC0415

    bundles = _in_source_order()
    if output is not Form.TABLE:
        _tell([listed(each) for each in bundles], output)
        return
    _print_table(
        ("代码", "名称", "来源", "阶段", "牵头", "项数"),
        [
            (each.id, each.name, _short_place(each), each.stage or "", _names(each.lead_names), str(len(each.items)))
            for each in bundles
        ],
    )
    typer.echo(f"{len(bundles)} 件事，{sum(len(each.items) for each in bundles)} 个事项")


@app.command()
def show(bundle_id: IdArgument, output: FormOption = Form.TABLE) -> None:
    """一件事详情：one definition, with what differs from the bundle that it extends."""
    from onething.bundle_rows import shown  # noqa: PLC0415

    found = _bundle(bundle_id)
    if output is not Form.TABLE:
        _tell(shown(found), output)
        return
    _print_head(found)
    _print_items(found)
    _print_rest(found)


@app.command()
def graph(
    bundle_id: IdArgument,
    output: Annotated[GraphForm, typer.Option("--output", "-o", help="table, json, yaml, or dot for Graphviz")] = (
        GraphForm.TABLE
    ),
) -> None:
    """办理次序：which items run side by side and which wait, and for whom."""
    from onething.bundle_rows import dot  # noqa: PLC0415
    from onething.bundle_rows import graph as graph_of  # noqa: PLC0415

    found = _bundle(bundle_id)
    if output is GraphForm.DOT:
        typer.echo(dot(found))
        return
    order = graph_of(found)
    if output is not GraphForm.TABLE:
        _tell(order, Form(output.value))
        return
    before = {item.number: _numbers(item.after) for item in found.items}
    _print_table(
        ("批次", "序号", "事项", "在其后", "办理单位"),
        [
            (str(node["wave"]), str(node["number"]), node["name"], before[node["number"]], _codes(node["routed_to"]))
            for node in sorted(order["nodes"], key=lambda node: (node["wave"], node["number"]))
        ],
    )


def _bundle(bundle_id: str) -> "Bundle":
    from catalog.bundles import load_bundles  # noqa: PLC0415

    bundles = load_bundles()
    if bundle_id not in bundles:
        near = get_close_matches(bundle_id, bundles, n=3)
        hint = f"相近 near: {', '.join(near)}" if near else "全部代码 all ids: onething bundle list"
        typer.echo(f"错误 error: 没有代码为 {bundle_id!r} 的一件事 no such bundle\n→ {hint}", err=True)
        raise typer.Exit(2)
    return bundles[bundle_id]


def _in_source_order() -> "list[Bundle]":
    from catalog.bundles import load_bundles  # noqa: PLC0415
    from onething.bundle_rows import source_order  # noqa: PLC0415

    return sorted(load_bundles().values(), key=source_order)


def _tell(value: Any, form: Form) -> None:
    from onething.nested import yaml_text  # noqa: PLC0415

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2) if form is Form.JSON else yaml_text(value))


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


def _print_head(found: "Bundle") -> None:
    lines = [
        f"{found.name}（{found.id}，第{found.version}版）",
        f"来源：{found.document} {_place(found)}",
        f"阶段：{found.stage or UNSTATED}　办事主体：{SUBJECTS[found.subject]}",
        f"牵头：{_names(found.lead_names)}" + ("" if found.leads else f"（暂由 {_codes([found.lead])} 牵头）"),
    ]
    lines += [f"说明：{found.lead_note}"] if found.lead_note else []
    lines += [f"参与：{found.participants_text}"] if found.participants_text else []
    lines += ["事项以“等”结尾，未列尽"] if found.open_items else []
    typer.echo("\n".join(lines))


def _print_items(found: "Bundle") -> None:
    _print_table(
        ("序号", "事项", "编码", "方式", "责任单位", "办理单位"),
        [
            (
                str(item.number),
                item.text,
                item.code,
                ITEM_KINDS[item.kind],
                _names(item.department_names) + ("等" if item.open_list else ""),
                "" if item.departments else _codes(item.routed_to),
            )
            for item in found.items
        ],
    )
    for item in found.items:
        if item.note:
            typer.echo(f"第{item.number}项说明：{item.note}")


def _print_rest(found: "Bundle") -> None:
    from catalog.form_fields import load_materials  # noqa: PLC0415

    materials = load_materials()
    for situation in found.situations:
        choices = "；".join(f"{each.text} → {_numbers(each.items) or '无'}" for each in situation.choices)
        typer.echo(f"情形：{situation.question}　{choices}")
    for commitment in found.commitments:
        word = "告知承诺" if commitment.kind == "promise" else f"容缺（{commitment.days}个工作日内补齐）"
        typer.echo(f"{word}：{materials[commitment.material].name}　{commitment.text}")
    means = "、".join(MEANS[each] for each in found.delivery.means)
    typer.echo(f"发证：{'统一发证' if found.delivery.together else '按办结依次发证'}，{means}")
    if found.baseline is not None:
        typer.echo(f"四减基线（{_origin(found.baseline.origin)}）：{_baseline(found.baseline)}")
    for example in found.examples:
        typer.echo(f"示例（{_origin(example.origin)}）：{example.name}")
    if found.extends:
        typer.echo(f"继承 {found.extends}，不同之处：")
        for each in found.differences:
            typer.echo(f"  {DIFFERENCES[each.what]}：{each.parent or '（无）'} → {each.own or '（无）'}")


def _baseline(before: "Baseline") -> str:
    figures = {"环节": before.steps, "工作日": before.days, "材料": before.materials, "跑动": before.trips}
    return "，".join(f"{name} {UNSTATED if figure is None else figure}" for name, figure in figures.items())


def _origin(origin: str) -> str:
    return "自拟" if origin == "ours" else origin


def _place(found: "Bundle") -> str:
    from onething.bundle_rows import DISTRICT_PLAN  # noqa: PLC0415

    if found.annex is not None:
        return f"附件{found.annex}第{found.number}项"
    return f"{'改革任务' if found.source == DISTRICT_PLAN else ''}第{found.number}项"


def _short_place(found: "Bundle") -> str:
    from onething.bundle_rows import DISTRICT_PLAN  # noqa: PLC0415

    if found.annex is not None:
        return f"附件{found.annex}-{found.number}"
    return f"未央{found.number}" if found.source == DISTRICT_PLAN else f"{found.document}-{found.number}"


def _names(names: Sequence[str]) -> str:
    return "、".join(names) or UNSTATED


def _numbers(numbers: Sequence[int]) -> str:
    return "、".join(map(str, numbers))


def _codes(codes: Sequence[str]) -> str:
    from catalog.organisations import load_organisations  # noqa: PLC0415

    return "、".join(load_organisations().by_code[code].name for code in codes)


@app.command()
def savings(
    bundle: Annotated[
        str, typer.Argument(metavar="[ID]", help="一件事代码：one bundle; all with cases if left out")
    ] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """四减：what delivered cases took beside what they took before. Example: onething bundle savings newborn."""
    from onething.commands.application import gateway  # noqa: PLC0415 - read when it runs
    from onething.reduction_rows import BEFORE_NOTE, saving_rows  # noqa: PLC0415
    from onething.rows import written  # noqa: PLC0415

    with gateway() as client:
        found = client.savings(bundle)
    if output is not Form.TABLE:
        _tell(found, output)
        return
    views = [each for each in found.get("savings", [found]) if each["count"]]
    typer.echo("\n".join((written(saving_rows(views), output), BEFORE_NOTE)) if views else "尚无办结的办件")


@app.command("try")
def try_(
    bundle: Annotated[
        str, typer.Argument(metavar="[ID]", help="一件事代码：one bundle; all with examples if left out")
    ] = "",
    output: FormOption = Form.TABLE,
) -> None:
    """试办示例：run the examples of definitions through the rules, no hub needed; exit code 1 where one differs.

    Example: onething bundle try restaurant-opening
    """
    from onething.bundle_examples import ExampleRun, tried  # noqa: PLC0415 - read when it runs

    chosen = [_bundle(bundle)] if bundle else _in_source_order()
    results = [tried(ExampleRun(each, example)) for each in chosen for example in each.examples]
    if output is Form.TABLE:
        typer.echo("\n".join(_tried_lines(results)))
    else:
        _tell(results, output)
    raise typer.Exit(1 if any(each["faults"] for each in results) else 0)


def _tried_lines(results: Sequence[dict[str, Any]]) -> Iterator[str]:
    for each in results:
        yield f"{'不符' if each['faults'] else '相符'}　{each['bundle']}：{each['example']}"
        yield from (f"    {fault}" for fault in each["faults"])
    differing = sum(bool(each["faults"]) for each in results)
    yield f"{len(results)} 个示例，{differing} 个不符" if results else "没有示例：the definition has no [[example]]"


app.registered_commands += service.registered_commands
