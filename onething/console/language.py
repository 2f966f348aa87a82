"""What language a page speaks: Chinese, or English where the reader switched."""

from contextlib import suppress
from contextvars import ContextVar
from typing import Final, Literal, NamedTuple

from nicegui import context

Lang = Literal["zh", "en"]

COOKIE: Final = "onething-lang"
HTML_LANGUAGES: Final[dict[Lang, Literal["zh-CN", "en-US"]]] = {"zh": "zh-CN", "en": "en-US"}
SPOKEN: ContextVar[Lang] = ContextVar("console_language", default="zh")
"""The language of the request that is being answered; the guard sets it."""


class Words(NamedTuple):
    """The same said in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """In the language of the page."""
        return t(self.zh, self.en)


def t(zh: str, en: str) -> str:
    """What the page says, in its language."""
    return zh if lang() == "zh" else en


def lang() -> Lang:
    """The language of the page that is built or acted on."""
    with suppress(RuntimeError):  # outside of any page, and in pages without a request
        return spoken(context.client.request.cookies.get(COOKIE))
    return SPOKEN.get()


def spoken(cookie: str | None) -> Lang:
    """The language that a cookie asks for."""
    return "en" if cookie == "en" else "zh"
