"""The live process's pages: figures, sources, alerts, health and metrics."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from processors.live.metrics import live_registry
from processors.live.standing import Standing
from processors.live.view import FIGURES, SPANS, alert_list, overview, series, source_list, source_page

PROBLEM: Final = "application/problem+json"
CHOICES: Final = ("department", "bundle", "label")
NOT_THERE: Final = 404
UNAVAILABLE: Final = 503
REFUSED: Final = 422

Page = Callable[..., Coroutine[Any, Any, Any]]


class Problem(Exception):  # noqa: N818  it becomes an application/problem+json answer
    """A request that cannot be answered."""

    def __init__(self, status: int, code: str, title: str, detail: str, remedy: str) -> None:
        super().__init__(title)
        self.status = status
        self.body = {
            "type": f"urn:onething:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "remedy": remedy,
        }


class LiveDoor:
    """Answers from what stands; ``follows`` says whether counts are being followed."""

    def __init__(self, standing: Standing, follows: Callable[[], bool]) -> None:
        self._standing = standing
        self._follows = follows
        self._registry = live_registry(standing)

    def pages(self) -> dict[str, Page]:
        """Path → page, as Faust takes them."""
        return {
            "/v1/live": self._page(self.live),
            "/v1/live/series": self._page(self.series),
            "/v1/live/sources": self._page(self.sources),
            "/v1/live/sources/{code}": self._page(self.source),
            "/v1/live/alerts": self._page(self.alerts),
            "/health/live": self._page(lambda _: {"status": "live"}),
            "/health/ready": self._ready(),
            "/metrics": self._metrics(),
        }

    def live(self, query: Mapping[str, str]) -> Any:
        """Totals, departments, bundles and views over ``span``.

        Raises:
            Problem: 422, no such stretch.
        """
        return overview(self._standing, _one_of("span", query.get("span", "hour"), SPANS))

    def series(self, query: Mapping[str, str]) -> Any:
        """The cells of one figure, for a chart.

        Raises:
            Problem: 422, no such figure or window.
        """
        figure = _one_of("figure", query.get("figure", ""), FIGURES)
        window = _one_of("window", query.get("window", "minute"), self._standing.fold.windows)
        return series(self._standing, figure, window, {name: query[name] for name in CHOICES if name in query})

    def sources(self, _query: Mapping[str, str]) -> Any:
        """Every source and how it stands."""
        return source_list(self._standing)

    def source(self, query: Mapping[str, str]) -> Any:
        """One source with all that was measured.

        Raises:
            Problem: 404, no such department.
        """
        code = query["code"]
        page = source_page(self._standing, code)
        if page is None:
            remedy = "see GET /v1/live/sources for those that there are"
            raise Problem(NOT_THERE, "no-such-source", "没有此部门 / no such department", f"{code!r} is none", remedy)
        return page

    def alerts(self, _query: Mapping[str, str]) -> Any:
        """What somebody should know."""
        return alert_list(self._standing)

    def _page(self, answer: Callable[[Mapping[str, str]], Any]) -> Page:
        async def page(view: Any, request: Any, **path: str) -> Any:
            try:
                return _json(view, answer({**request.query, **path}))
            except Problem as problem:
                return _json(view, problem.body, problem.status, PROBLEM)

        return page

    # Faust makes each page a method of a view of its own: they are functions, not methods of this class.

    def _ready(self) -> Page:
        async def page(view: Any, _request: Any) -> Any:
            follows = self._follows()
            state = "ready" if follows else "has no partitions yet"
            body = {"status": state, "taken": self._standing.fold.taken_count}
            return _json(view, body, 200 if follows else UNAVAILABLE)

        return page

    def _metrics(self) -> Page:
        async def page(view: Any, _request: Any) -> Any:
            return view.bytes(generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

        return page


def _one_of(name: str, value: str, known: Mapping[str, Any]) -> str:
    if value in known:
        return value
    remedy = f"{name} is one of {', '.join(known)}"
    raise Problem(REFUSED, "request-refused", "请求内容有误 / the request holds faults", f"{name}={value!r}", remedy)


def _json(view: Any, body: Any, status: int = 200, media_type: str = "application/json") -> Any:
    return view.bytes(msgspec.json.encode(body), content_type=media_type, status=status)
