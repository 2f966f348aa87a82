"""Instants as pages show them: China's time, and what is left until a deadline."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from onething.console.language import t

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400


def instant(told: str | int | None) -> datetime | None:
    """An instant as the hub tells it: ISO 8601 or µs since 1970, in UTC; None where it tells none or something else."""
    if told is None or told == "":
        return None
    if isinstance(told, int):
        return (_EPOCH + timedelta(microseconds=told)).astimezone(CHINA)
    try:
        found = datetime.fromisoformat(told)
    except ValueError:
        return None
    return found.astimezone(CHINA) if found.tzinfo else found.replace(tzinfo=CHINA)


def when(told: str | int | None) -> str:
    """An instant to the second: 2026-11-22 18:17:11."""
    found = instant(told)
    return "—" if found is None else f"{found:%Y-%m-%d %H:%M:%S}"


def minute(told: str | int | None) -> str:
    """An instant to the minute: 2026-11-22 18:17."""
    return when(told)[:16]


def day(told: str | int | None) -> str:
    """The day of an instant: 2026-11-22."""
    return when(told)[:10]


def due_day(told: str | int | None) -> str:
    """When a term ends: a term that ends as its last day ends is told by that day, 2026-11-27 24:00."""
    found = instant(told)
    if found is None:
        return "—"
    if (found.hour, found.minute, found.second) == (0, 0, 0):
        return f"{found - timedelta(days=1):%Y-%m-%d} 24:00"
    return minute(told)


def now() -> datetime:
    """The present, in China's time."""
    return datetime.now(CHINA)


def left(due: str | int | None, at: datetime) -> str:
    """How long until a deadline, or for how long it has passed; nothing where there is none."""
    found = instant(due)
    if found is None:
        return t("来源未载明期限", "no time stated")
    seconds = int((found - at).total_seconds())
    told = span(abs(seconds))
    return t(f"还剩 {told}", f"{told} left") if seconds >= 0 else t(f"已逾期 {told}", f"overdue by {told}")


def span(seconds: int) -> str:
    """A length of time by its two largest units."""
    days, rest = divmod(seconds, _DAY_S)
    hours, rest = divmod(rest, _HOUR_S)
    minutes, rest = divmod(rest, _MINUTE_S)
    units = (
        (days, t("天", "d")),
        (hours, t("小时", "h")),
        (minutes, t("分", "min")),
        (rest, t("秒", "s")),
    )
    shown = [f"{count} {unit}" for count, unit in units if count][:2]
    return " ".join(shown) or t("0 秒", "0 s")


def took(elapsed_ms: int | None) -> str:
    """How long something took: 12 ms, 3.4 s."""
    if elapsed_ms is None:
        return ""
    return f"{elapsed_ms} ms" if elapsed_ms < 10_000 else f"{elapsed_ms / 1000:.1f} s"  # noqa: PLR2004  ten seconds
