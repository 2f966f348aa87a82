"""A gateway over policies whose replica answers as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import FastAPI
from fastapi.testclient import TestClient

from catalog.policies import load_policies
from onething.gateway.policies import policy_router
from onething.gateway.problems import install_problems
from onething.gateway.replicas import ArchiveReplicas

SUBJECT = "enterprise:91440300708461136T"
MATCH = {
    "policy": "stabilisation-refund",
    "version": 1,
    "name": "失业保险稳岗返还",
    "outcome": "cannot-tell",
    "benefit": "返还",
    "conditions": [
        {"id": "registered", "text": "存续", "state": "holds", "reason": "有 1 条记录为据", "evidence": ["ab"]},
        {
            "id": "no-arrears",
            "text": "无欠缴",
            "state": "cannot-tell",
            "reason": "数源部门未作覆盖声明",
            "evidence": [],
        },
    ],
}
TRIAL = {
    "policy": "stabilisation-refund",
    "facts": 1000,
    "subjects": 40,
    "candidates": 10,
    "dropped": {"insured": 30},
    "outcomes": {"matched": 8, "not-matched": 2},
    "states": {"registered": {"holds": 10}, "no-arrears": {"holds": 8, "fails": 2}},
    "reasons": {"no-arrears": {"有 1 条记录为据": 2}},
    "samples": {"matched": [SUBJECT]},
    "coverage": {"human-resources.social-insurance-registration": None},
    "facts_per_s": 500_000.0,
    "archives_per_s": 7_000.0,
    "is_complete": True,
}


class Replica(ThreadingHTTPServer):
    """A replica that answers as it is told and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.status = 200
        self.lines: list[dict[str, Any]] = [{"trial": TRIAL | {"is_complete": False, "facts": 10}}, {"trial": TRIAL}]
        self.asked: list[tuple[str, Any]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Answering(BaseHTTPRequestHandler):
    server: Replica

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append((parts.path, parse_qs(parts.query)))
        self._answer(json.dumps({"subject": SUBJECT, "at": 1, "policies": [MATCH]}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body))
        self._answer("".join(json.dumps(line) + "\n" for line in self.server.lines).encode(), "application/x-ndjson")

    def _answer(self, body: bytes, media_type: str = "application/json") -> None:
        self.send_response(self.server.status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def policy_hub() -> Iterator[tuple[TestClient, Replica, list[str]]]:
    """The gateway, its replica, and the urls of replicas that it knows."""
    replica = Replica()
    urls = [f"http://127.0.0.1:{replica.server_port}"]
    app = FastAPI()
    app.include_router(policy_router(load_policies(), ArchiveReplicas(lambda: urls)))
    install_problems(app)
    try:
        with TestClient(app) as http:
            yield http, replica, urls
    finally:
        replica.shutdown()
        replica.server_close()
