"""The demonstration from its first line to its last."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Console

from connectors import broker
from onething.demonstration import application, city, figures, registrations, verification
from onething.demonstration.telling import Story
from onething.doors import on_free_ports
from onething.gateway.client import HubClient
from onething.settings import KafkaSettings, LakeSettings, Settings
from onething.supervisor import RunningHub, running_hub
from producers.simulation.publication import Published

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Wishes:
    """How large a city, from which seed, and a file of real registrations, if there is one."""

    enterprises: int
    persons: int
    seed: int
    registrations: Path | None

    def city(self) -> tuple[int, int, int, date]:
        """The city's arguments; it ends today."""
        return self.enterprises, self.persons, self.seed, datetime.now(SHANGHAI).date()


def demonstrate(settings: Settings, wishes: Wishes, console: Console) -> None:
    """Show everything on a hub of its own, which is gone at the end; its reports stay.

    Raises:
        StepFailed: a step came to nothing; the remedy carries the last log lines.
    """
    mine = own_hub(settings)
    story = Story(console, mine.data_dir / "log")
    console.print("[bold]一件事 OneThing Hub[/bold] 演示：一条日志，一份档案，一次办好", highlight=False)
    with _Started(story, mine) as hub:
        _shown(story, hub, wishes)
    console.print(
        f"\n[bold green]完成 done[/bold green] {story.elapsed_s():.0f} s；全部部件已停止 (everything is stopped)"
    )
    _tell_next_steps(console, mine)


def own_hub(settings: Settings) -> Settings:
    """A hub of the demonstration's own: its own Kafka, data directory and free ports, whatever else is set."""
    elsewhere = {"kafka": KafkaSettings(), "data_dir": settings.data_dir / "demo"}
    private = on_free_ports(settings.model_copy(update=elsewhere))
    return private.model_copy(
        update={
            "registry": private.registry.model_copy(update={"url": None}),
            "catalog": private.catalog.model_copy(update={"url": None, "database_url": None}),
            "lake": LakeSettings(port=0),
            "analyst": private.analyst.model_copy(update={"url": None}),
            "live": private.live.model_copy(update={"url": None}),
            "gateway": private.gateway.model_copy(update={"url": None}),
            "archive": private.archive.model_copy(update={"urls": [], "trial_grants": True}),
            "cases": private.cases.model_copy(update={"database_url": None, "coordinators": 1}),
        }
    )


class _Started:
    """The running hub, with its start told as the first step."""

    def __init__(self, story: Story, settings: Settings) -> None:
        self._story, self._settings = story, settings
        self._hub = running_hub(settings, tell=story.tell)

    def __enter__(self) -> RunningHub:
        with self._story.step("启动：Kafka 和全部部件 (everything starts, on free ports)"):
            broker.reset(self._settings.broker_options(), keys=True)
            return self._hub.__enter__()

    def __exit__(self, *ended: object) -> None:
        self._story.console.print("\n[bold]停止 stopping[/bold]")
        self._hub.__exit__(*ended)  # type: ignore[arg-type]  # what a with statement gives


def _shown(story: Story, hub: RunningHub, wishes: Wishes) -> None:
    settings, gateway = hub.settings, hub.url("gateway")
    archives = [part.url for part in hub.parts if part.role == "archive" and part.url]
    with story.step(f"模拟城市上报 ({wishes.enterprises:,} enterprises, {wishes.persons:,} persons publish)"):
        published = city.publish(story, settings, wishes.city())
    with story.step("归集成档 (archives are assembled)"):
        city.await_archives(story, archives, published)
    subject = verification.chosen_subject(published)
    with story.step(f"一企一档 (the archive of {subject})"), HubClient(gateway) as client:
        city.show_archive(story, client, subject)
    with story.step("一件事：企业上市合法合规信息核查 (17 checks, answered in parallel)"):
        _verified(story, settings, gateway, published, subject)
    with story.step("对账 (the city's account against the archives)"), HubClient(gateway) as client:
        city.reckon(story, client, published)
    with story.step("一件事：开办餐饮店 (told once, one form, three departments side by side, one delivery)"):
        application.apply(story, gateway, published)
    with story.step("数据局：数据湖与指标 (the lake holds the log; rates as of today)"):
        figures.show(story, gateway)
    if wishes.registrations is not None:
        with story.step(f"真实登记数据 (real registrations: {wishes.registrations.name})"):
            registrations.bring_in(story, settings, archives, wishes.registrations)


def _verified(story: Story, settings: Settings, gateway: str, published: Published, subject: str) -> None:
    asked = verification.asked_departments(published, subject)
    view = verification.verify(story, settings, gateway, subject, asked)
    verification.hold_against_truth(story, view, published, subject)


def _tell_next_steps(console: Console, settings: Settings) -> None:
    console.print(f"报告与账目 reports and accounts: {settings.data_dir / 'reports'}", highlight=False)
    console.print(
        "下一步 next: [bold]make up[/bold] 常驻运行，控制台 http://127.0.0.1:8600；"
        "[bold]onething simulate[/bold] 填充；"
        "[bold]onething verify <统一社会信用代码>[/bold] 核查；[bold]onething doctor[/bold] 自检",
        highlight=False,
    )
