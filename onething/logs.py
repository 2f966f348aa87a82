"""Structured logs on stderr, without personal data: resident ID numbers are masked wherever they stand."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import date
from typing import Any, Final

import structlog

from onething.settings import LogSettings
from topics.identifiers import check_resident_id

MASK: Final = "***"
_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
_LATEST: Final = date(9999, 12, 31)
_NOISY: Final = ("httpx", "httpx2", "httpcore", "httpcore2", "aiokafka", "faust", "mode", "uvicorn.access", "asyncio")


def configure_logs(settings: LogSettings, part: str) -> None:
    """Send every log line of this process, ours and the libraries', to stderr in the form that is set.

    ``part`` names the process on each line.
    """
    shared: list[Any] = [
        _names_part(part),
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _drop_colours,
        mask_personal,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    door = logging.StreamHandler(sys.stderr)
    door.setFormatter(_formatter(settings, shared))
    logging.basicConfig(handlers=[door], level=settings.level.upper(), force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def mask_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The event with every resident ID number masked, however deep it stands."""
    return {key: masked(value) for key, value in event.items()}


def masked(value: Any) -> Any:
    """The value with every resident ID number in its texts replaced by ``MASK``."""
    if isinstance(value, str):
        return _NUMBER.sub(_mask, value)
    if isinstance(value, dict):
        return {masked(key): masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def _mask(found: re.Match[str]) -> str:
    text = found.group()
    return MASK if check_resident_id(text.upper(), _LATEST) is None else text


def _drop_colours(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """The event without uvicorn's second copy of its message."""
    event.pop("color_message", None)
    return event


def _names_part(part: str) -> Any:
    """A processor, because context variables do not reach threads that a library starts."""

    def name(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        event.setdefault("part", part)
        return event

    return name


def _formatter(settings: LogSettings, shared: list[Any]) -> logging.Formatter:
    if settings.format == "json":
        last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(processors=[remove, last], foreign_pre_chain=shared)
