"""Everything of one hub running under one process: started in order, watched, restarted, stopped in reverse order."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from connectors import broker
from connectors.broker import BrokerError
from connectors.broker.ports import is_free
from connectors.broker.process import listener_on
from connectors.kafka import KafkaOptions
from onething.doors import door
from onething.endpoints import ROLES, Role, endpoint
from onething.environment import child_environment
from onething.parts import Part
from onething.preparation import Prepared, prepare_log
from onething.settings import Settings

Tell = Callable[[str], None]

READY_TIMEOUT_S: Final = 120.0
STOP_TIMEOUT_S: Final = 15.0
LOOK_S: Final = 0.1
BROKER_LOOK_S: Final = 2.0


class HubFault(Exception):  # noqa: N818  the classes below name the facts
    """The hub cannot be started; ``remedy`` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class HubRunning(HubFault):
    """Another supervisor already runs the hub of this data directory."""


class DoorTaken(HubFault):
    """A port that a part should listen on is another process's."""


class PartNotStarted(HubFault):
    """A part ended, or did not answer in time; its last log lines tell why."""


@dataclass(frozen=True)
class Place:
    """What runs where."""

    name: str
    url: str
    pid: int | None
    log: Path | None


@dataclass
class RunningHub:
    """A hub that runs: its settings, how to reach its Kafka, what was prepared on it, its parts."""

    settings: Settings
    options: KafkaOptions
    prepared: Prepared
    parts: list[Part] = field(default_factory=list)
    local: broker.RunningBroker | None = None

    def url(self, role: Role, index: int = 0) -> str:
        """Where a part of this hub answers."""
        return endpoint(self.settings, role, index)

    def places(self) -> list[Place]:
        """The broker and every part, in the order in which they were started."""
        local = self.local
        first = Place(
            "kafka", self.options.bootstrap_servers, *((local.pid, local.log_file) if local else (None, None))
        )
        return [first, *(Place(part.name, part.url or "-", part.pid, part.log) for part in self.parts)]


@contextmanager
def running_hub(settings: Settings, roles: Sequence[Role] = ROLES, tell: Tell = lambda _: None) -> Iterator[RunningHub]:
    """Start a broker (unless an external Kafka is set), prepare its log, start the parts; stop them all at the end.

    A part that dies meanwhile is started again, with back-off, and ``tell`` is told.

    Raises:
        HubFault: of the fact that keeps it from running; what had been started is stopped.
        BrokerError: the local broker cannot run.
    """
    with ExitStack() as stack:
        stack.enter_context(_alone(settings.data_dir))
        parts = planned(settings, roles)
        _demand_free(settings, parts)
        local = _started_broker(settings, stack, tell)
        options = settings.kafka_options(local.bootstrap_servers if local else None)
        hub = RunningHub(settings, options, prepare_log(settings, options), parts, local)
        tell(f"主题 topics: {hub.prepared.topics}；模式 schemas: {hub.prepared.schemas}")
        stack.callback(_stop, parts, tell)
        for part in parts:
            part.start()
        _await_ready(parts, tell)
        stack.enter_context(_watched(hub, tell))
        yield hub


def planned(settings: Settings, roles: Sequence[Role] = ROLES) -> list[Part]:
    """The parts that the settings ask for; what they name elsewhere does not run here."""
    environment = child_environment(settings)
    counts: dict[Role, int] = {
        "registry": 0 if settings.registry.url else 1,
        "archive": 0 if settings.archive.urls else settings.archive.replicas,
        "coordinator": settings.cases.coordinators,
        "follower": 1,
        "catalog": 0 if settings.catalog.url else 1,
        "lake": 1,
        "analyst": 0 if settings.analyst.url else 1,
        "live": 0 if settings.live.url else 1,
        "gateway": 0 if settings.gateway.url else 1,
        "console": 1,
    }
    return [
        Part(settings, role, index, environment) for role in ROLES if role in roles for index in range(counts[role])
    ]


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the lock of the data directory's supervisor; the system lets go of it when the process ends."""
    path = data_dir / "run" / "supervisor.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HubRunning(
                f"{data_dir} 的枢纽已在运行 (the hub of this data directory already runs)",
                "use it, or stop it with Ctrl-C where it runs, or set ONETHING_DATA_DIR to another folder",
            ) from None
        yield


def _demand_free(settings: Settings, parts: Sequence[Part]) -> None:
    for part in parts:
        host, port = door(settings, part.role, part.index)
        if port and not is_free(host, port):
            section = "cases" if part.role == "coordinator" else part.role
            raise DoorTaken(
                f"端口被占用 (port {port} on {host}, wanted by {part.name}): {listener_on(port) or 'another process'}",
                f"stop that process, or set ONETHING_{section.upper()}__PORT to another port (0 takes a free one)",
            )


def _started_broker(settings: Settings, stack: ExitStack, tell: Tell) -> broker.RunningBroker | None:
    if settings.kafka.bootstrap_servers:
        tell(f"外部 Kafka (external): {settings.kafka.bootstrap_servers}")
        return None
    options = settings.broker_options()
    ran = broker.status(options) is not None
    running = broker.start(_owned(options), tell)
    if not ran:
        stack.callback(_stop_broker, options, tell)
    tell(f"Kafka {running.kafka_version}: {running.bootstrap_servers}" + ("（已在运行 was running）" if ran else ""))
    return running


def _owned(options: broker.BrokerOptions) -> broker.BrokerOptions:
    return replace(options, owner_pid=os.getpid())


def _stop_broker(options: broker.BrokerOptions, tell: Tell) -> None:
    broker.stop(options)
    tell("已停止 stopped: kafka")


def _await_ready(parts: Sequence[Part], tell: Tell) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    waiting = list(parts)
    while waiting:
        for part in list(waiting):
            _demand_alive(part)
            if part.is_ready():
                waiting.remove(part)
                tell(f"就绪 ready: {part.name} {part.url}")
        if waiting and time.monotonic() > deadline:
            names = ", ".join(part.name for part in waiting)
            raise _not_started(waiting[0], f"not ready after {READY_TIMEOUT_S:.0f} s: {names}")
        time.sleep(LOOK_S if waiting else 0)


def _demand_alive(part: Part) -> None:
    code = part.exit_code()
    if code is not None:
        raise _not_started(part, f"{part.name} ended with exit code {code}")


def _not_started(part: Part, why: str) -> PartNotStarted:
    lines = "".join(f"\n    {line}" for line in part.log_tail().splitlines())
    return PartNotStarted(f"启动失败 ({why}). Its last log lines:{lines or ' (none)'}", f"read {part.log}")


@contextmanager
def _watched(hub: RunningHub, tell: Tell) -> Iterator[None]:
    ending = threading.Event()
    watch = threading.Thread(target=_watch, args=(hub, ending, tell), name="supervisor", daemon=True)
    watch.start()
    try:
        yield
    finally:
        ending.set()
        watch.join()


def _watch(hub: RunningHub, ending: threading.Event, tell: Tell) -> None:
    """Start again what has died, until the end is near."""
    due: dict[str, float] = {}
    broker_look = time.monotonic() + BROKER_LOOK_S
    while not ending.wait(LOOK_S):
        for part in hub.parts:
            _look_after(part, due, tell)
        if hub.local and time.monotonic() > broker_look:
            _look_after_broker(hub, tell)
            broker_look = time.monotonic() + BROKER_LOOK_S


def _look_after(part: Part, due: dict[str, float], tell: Tell) -> None:
    code = part.exit_code()
    if code is None:
        return
    if part.name not in due:
        wait_s = part.died()
        due[part.name] = time.monotonic() + wait_s
        tell(f"意外退出 {part.name} ended (exit code {code}); 重启 restart in {wait_s} s; log: {part.log}")
    elif time.monotonic() >= due[part.name]:
        del due[part.name]
        part.start()
        tell(f"已重启 restarted: {part.name} (process {part.pid})")


def _look_after_broker(hub: RunningHub, tell: Tell) -> None:
    options = hub.settings.broker_options()
    try:
        if broker.status(options):
            return
        tell("意外退出 kafka ended; 重启 restarting")
        hub.local = broker.start(_owned(options), tell)
    except (BrokerError, OSError) as error:
        tell(f"无法重启 kafka was not restarted: {error} {getattr(error, 'remedy', '')}")
    else:
        tell(f"已重启 restarted: kafka {hub.local.bootstrap_servers}")


def _stop(parts: Sequence[Part], tell: Tell) -> None:
    """Stop the parts in reverse order, those of one role together."""
    for role in reversed(ROLES):
        stopping = [part for part in parts if part.role == role and part.exit_code() is None]
        for part in stopping:
            part.ask_to_end()
        for part in stopping:
            forced = not part.end(STOP_TIMEOUT_S)
            part.withdraw()
            tell(f"已停止 stopped: {part.name}" + ("（强制 by force）" if forced else ""))
