"""The command ``onething``: its commands are read when they are asked for, so that help is quick."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from catalog.definition_place import choose_definitions

FAILED: Final = 2
INTERRUPTED: Final = 130

COMMANDS: Final = {
    "up": "全部运行，直到 Ctrl-C：everything running under one supervisor",
    "demo": "两分钟演示：a simulated city, its archives, and one bundle answered",
    "verify": "核查一家企业：verify an enterprise, line by line",
    "archive": "一企一档、一人一档：the archive of an enterprise or a person",
    "bundle": "一件事定义：the definitions of the bundles: lint, list, show, graph",
    "item": "事项库：the items, each once: list, show, lint, service guides, instructions",
    "policy": "免申即享：policies, matched with archives, tried on the whole 企业库",
    "catalog": "目录：the register of what exists: resources, systems, legal bases, with their history",
    "demand": "共享需求：apply for data: list, show, apply, complete, reply, deliver, use, dispose of, dispute",
    "grant": "授权：who may read what for what: list, show, check a read, end",
    "correction": "校核：a value disputed: its end, and who consumed it meanwhile",
    "ledger": "工作台账：tasks and bundles: goals by period, progress, teams, close-out",
    "duty": "法定时限：what is owed by when: the board, one duty, the limits, the count anew",
    "application": "办件：apply for a bundle: submit, show, supplement, withdraw, evaluate, receipt",
    "case": "办件查询：find and show cases; a lead suspends, resumes, delivers, checks promises",
    "inbox": "部门收件箱：what a department is to act on: list, decide, review",
    "task": "部门待办：what a department is asked, and its answers",
    "live": "实时监测：what happens now: figures, sources and their health, alerts",
    "hotline": "热线诉求：complaints of 12345, 12315 and 110: import, list",
    "lake": "数据湖：what the log says as Parquet tables: status, compact, rebuild, query by SQL",
    "rates": "指标：编目率、归集率、共享率、整合率……, each with its denominator, as of any day",
    "bottleneck": "堵点：where cases wait, by item and department, and which data would help most",
    "services": "高频服务清单：services that many ask for: draft, draw up, sign off, publish, show",
    "bulletin": "通报：the month's bulletin, one page a department, as XLSX and PDF",
    "event": "上报数据：check and publish facts from files; mend what was refused",
    "simulate": "模拟城市：publish the facts of a made-up city",
    "topic": "主题：list, compare and create the topics",
    "registry": "模式登记：the schemas that topics carry",
    "payment": "缴费机构（演示）：a small payment office for tests and demonstrations",
    "broker": "本机自带的 Kafka：the private Kafka of this machine",
    "keys": "密钥环：the keys that protect personal data",
    "config": "设置：every setting, and where it came from",
    "doctor": "自检：what works, what does not, and what to do",
    "run": "运行一个部件：run one part as a process of its own",
    "bench": "测速：every figure beside its raw limit or a peer",
}
"""Command → its line in the help; a command appears once its module is there."""


class Commands(TyperGroup):
    """The commands by name; a module is imported when its command is invoked, and not to be listed."""

    def __init__(self, **attrs: Any) -> None:
        """Start with a line of help for each command that is there."""
        super().__init__(**attrs)
        for name, line in COMMANDS.items():
            if find_spec(_module(name)):
                self.add_command(TyperCommand(name, help=line, callback=None), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The real command behind the line of help."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else _command(name), rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what a user can mend is told with its remedy, without a traceback."""
        with told():
            return super().invoke(ctx)


@contextmanager
def told() -> Iterator[None]:
    """Tell a fault that carries a remedy, and end with ``FAILED``; anything else is a bug and goes through."""
    try:
        yield
    except Exception as error:
        remedy = _remedy(error)
        if remedy is None:
            raise
        typer.echo(f"错误 error: {error}", err=True)
        typer.echo(f"→ {remedy}", err=True)
        raise typer.Exit(FAILED) from error


app = typer.Typer(
    name="onething",
    cls=Commands,
    help="一件事 OneThing Hub：一条日志，一份档案，一次办好。One log, one archive, one answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        from onething import __version__  # noqa: PLC0415  reading package metadata takes time

        typer.echo(f"onething {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _asked: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="show the version and end")
    ] = False,
) -> None:
    """一件事 OneThing Hub：一条日志，一份档案，一次办好。One log, one archive, one answer."""
    _quiet_logs()
    choose_definitions(_definitions_folder)


@cache
def _definitions_folder() -> Path | None:
    """The operator's folder of definitions; settings are read only by a command that reads definitions."""
    from onething.settings import load_settings  # noqa: PLC0415

    return load_settings().catalog.folder


def _quiet_logs() -> None:
    """Keep what parts note for their logs out of what a command answers; a part's process sets up logs of its own."""
    import logging  # noqa: PLC0415 - only a command that runs needs them

    import structlog  # noqa: PLC0415

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    """The console script."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _module(name: str) -> str:
    return f"onething.commands.{name}"


def _command(name: str) -> Any:
    part = import_module(_module(name)).app
    part._add_completion = False  # noqa: SLF001  the completion of the whole command covers its parts
    command = typer.main.get_command(part)
    command.name = name
    return command


def _remedy(error: Exception) -> str | None:
    remedy = getattr(error, "remedy", None)
    if isinstance(remedy, str):
        return remedy
    kind = type(error).__name__
    return _REMEDIES.get(kind)


_REMEDIES: Final = {
    "SettingsFault": "see every setting and its origin: onething config show",
    "ClusterUnreachable": "see what runs: onething doctor; start everything: onething up",
    "KafkaException": "see what runs: onething doctor; start everything: onething up",
    "DefinitionFaultsError": "correct the definition files that are named",
}
"""Faults of parts that know no command of ours."""
