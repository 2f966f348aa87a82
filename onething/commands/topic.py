"""`onething topic`: the topics as declared and as they are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

    from connectors.kafka.topic_admin import Difference, TopicDiff
    from onething.settings import Settings

app = typer.Typer(
    name="topic",
    help="主题：the topics as declared and as they are. Exit codes: 0 as declared, 1 not so, 2 failed.",
    no_args_is_help=True,
)

NOT_AS_DECLARED = 1
_FOR_EVER = "-1"


@app.command("list")
def list_(output: FormOption = Form.TABLE) -> None:
    """List every topic, declared or not, and whether it exists."""
    from connectors.kafka.topic_admin import topic_states  # noqa: PLC0415 - commands import what they need when they run

    settings, client = _asked()
    typer.echo(written(list(_listed(settings, set(topic_states(client)))), output))


@app.command()
def diff(output: FormOption = Form.TABLE) -> None:
    """Compare the topics with their declarations; exit code 1 when they differ."""
    from connectors.kafka.topic_admin import diff as compare  # noqa: PLC0415
    from onething.preparation import durability, hub_topics  # noqa: PLC0415

    settings, client = _asked()
    found = compare(client, hub_topics(settings), durability(settings))
    rows = list(_differing(found))
    typer.echo(written(rows, output) if rows or output is not Form.TABLE else "一致 as declared: nothing to do")
    if not found.is_settled:
        raise typer.Exit(NOT_AS_DECLARED)


@app.command()
def apply(output: FormOption = Form.TABLE) -> None:
    """Create missing topics, alter what is harmless, register the schemas; exit code 1 when something was refused."""
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from onething.preparation import prepare_log  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    done = prepare_log(settings, kafka_options(settings))
    applied = done.applied
    rows: list[Row] = [
        *(_row(name, "created") for name in applied.created),
        *(_row_of("altered", each) for each in applied.altered),
        *(_row_of("refused", each) for each in applied.refused),
        *(_row(name, "undeclared") for name in applied.undeclared),
    ]
    if rows or output is not Form.TABLE:
        typer.echo(written(rows, output))
    typer.echo(f"{done.topics} 个主题 topics, {done.schemas} 个模式登记 schemas registered for them", err=True)
    if applied.refused:
        raise typer.Exit(NOT_AS_DECLARED)


def _asked() -> "tuple[Settings, AdminClient]":
    from connectors.kafka import admin  # noqa: PLC0415
    from onething.endpoints import kafka_options  # noqa: PLC0415
    from onething.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    return settings, admin(kafka_options(settings))


def _listed(settings: "Settings", present: set[str]) -> Iterator[Row]:
    from onething.preparation import hub_topics  # noqa: PLC0415

    declared = hub_topics(settings)
    for topic in declared:
        yield {
            "topic": topic.name,
            "kind": topic.kind,
            "partitions": topic.partitions,
            "kept": "for ever" if topic.config.get("retention.ms") == _FOR_EVER else topic.config["cleanup.policy"],
            "schemas": len(topic.schemas),
            "state": "present" if topic.name in present else "missing",
        }
    for name in sorted(present - {topic.name for topic in declared}):
        yield {"topic": name, "kind": None, "partitions": None, "kept": None, "schemas": None, "state": "undeclared"}


def _differing(found: "TopicDiff") -> Iterator[Row]:
    yield from (_row(topic.name, "create") for topic in found.missing)
    yield from (_row_of("refused" if each.refusal else "alter", each) for each in found.differing)
    yield from (_row(name, "undeclared") for name in found.undeclared)


def _row(topic: str, change: str) -> Row:
    return {"topic": topic, "change": change, "setting": None, "declared": None, "actual": None, "reason": None}


def _row_of(change: str, each: "Difference") -> Row:
    return {
        "topic": each.topic,
        "change": change,
        "setting": each.setting,
        "declared": each.declared,
        "actual": each.actual,
        "reason": each.refusal,
    }
