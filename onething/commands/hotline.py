"""`onething hotline`: complaints of the city's hotlines, taken in from files and listed with what they are about."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from producers.hotline import ComplaintFault, Known

app = typer.Typer(name="hotline", help="热线诉求：complaints of 12345, 12315 and 110.", no_args_is_help=True)

REFUSED: Final = 1
SHOWN: Final = 50
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="文件：.jsonl, .json or .csv, in UTF-8")]


@app.callback()
def hotline() -> None:
    """热线诉求：complaints of hotlines. Exit codes: 0 done, 1 the file holds faults and nothing was taken, 2 failed."""


@app.command("import")
def import_(
    file: FileArgument,
    check: Annotated[bool, typer.Option("--check", help="只校验：check it, hand nothing over")] = False,
) -> None:
    """导入诉求：the whole file or, where anything in it is at fault, nothing; the same file again changes nothing.

    Example: onething hotline import 2026-10.csv --check
    """
    import time  # noqa: PLC0415 - commands import what they need when they run

    from producers.hotline import judge_complaints, read_complaints  # noqa: PLC0415

    raw = read_complaints(file)
    _, faults = judge_complaints(raw, _known(), time.time_ns() // 1000)
    if faults:
        _tell_faults(faults)
        raise typer.Exit(REFUSED)
    if not check:
        _hand_over(raw)
    verb = "校验无误 checked" if check else "已提交 handed over"
    typer.echo(f"{verb}: {len(raw):,} 条诉求 complaints")


@app.command("list")
def list_(
    begin: Annotated[str, typer.Option("--from", help="起：YYYY-MM-DD")] = "",
    end: Annotated[str, typer.Option("--to", help="止：YYYY-MM-DD, that day included")] = "",
    department: Annotated[str, typer.Option("--department", "-d", help="部门代码")] = "",
    category: Annotated[str, typer.Option(help="事由代码")] = "",
    link: Annotated[str, typer.Option(help="关联方式：case, item, inferred, department or none")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="最多条数")] = 50,
    output: FormOption = Form.TABLE,
) -> None:
    """诉求清单：the newest first, each with the case or item that it is linked to, and by what.

    Example: onething hotline list --department admin-approval --link inferred
    """
    from onething.figures_client import figures_client  # noqa: PLC0415

    asked = {"from": begin, "to": end, "department": department, "category": category, "link": link}
    with figures_client() as client:
        found = client.get("/v1/bottlenecks/complaints", {**asked, "limit": str(limit)})
    if output is Form.JSON:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    typer.echo(written([_line(each) for each in found["complaints"]], output))
    typer.echo(f"共 {found['total']:,} 条 in all", err=True)


def _known() -> "Known":
    from catalog.bundles import load_bundles  # noqa: PLC0415
    from catalog.hotline import load_hotline_words  # noqa: PLC0415
    from catalog.items import load_items  # noqa: PLC0415
    from catalog.organisations import load_organisations  # noqa: PLC0415
    from producers.hotline import known_codes  # noqa: PLC0415

    return known_codes(load_hotline_words(), load_items().by_code, load_bundles(), load_organisations().by_code)


def _tell_faults(faults: "Sequence[ComplaintFault]") -> None:
    for each in faults[:SHOWN]:
        typer.echo(f"第 {each.place + 1} 条 record {each.place + 1}: {each.field}: {each.reason_zh} {each.reason}")
    if len(faults) > SHOWN:
        typer.echo(f"… 另有 {len(faults) - SHOWN} 处 more")
    typer.echo(
        f"错误 error: {len(faults)} 处 faults，未提交任何诉求 nothing was handed over\n"
        "→ 更正后重新导入 correct them and import the file again",
        err=True,
    )


def _hand_over(raw: Sequence[object]) -> None:
    from onething.figures_client import figures_client  # noqa: PLC0415
    from producers.hotline import COMPLAINTS_PATH  # noqa: PLC0415

    with figures_client() as client:
        for batch in _batches(raw):
            client.post(COMPLAINTS_PATH, {"complaints": batch})


def _batches(raw: Sequence[object]) -> Iterator[list[Any]]:
    from producers.hotline.complaints import MOST_COMPLAINTS  # noqa: PLC0415

    for start in range(0, len(raw), MOST_COMPLAINTS):
        yield list(raw[start : start + MOST_COMPLAINTS])


def _line(each: dict[str, Any]) -> Row:
    return {
        "诉求编号": each["complaint_id"],
        "登记": each["received_at"][:16].replace("T", " "),
        "来源": each["channel"],
        "类型": each["kind_name"],
        "事由": each["category_name"],
        "单位": each["department_name"] or "未载明",
        "事项": each["item_name"] or each["bundle_name"] or "未载明",
        "办件": each["case_id"] or "",
        "关联": each["link_name"],
        "结果": each["outcome_name"] or "未办结",
        "来历": "模拟" if each["made_up"] else "",
    }
