"""Archive replicas asked about policies by the follower: over HTTP, each replica in turn, every read on record."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote

import httpx2
import msgspec

from catalog.policies import Policy
from processors.domain.policy import Match
from processors.domain.service import Archive, Service, archive_of_answer, sources_of
from processors.following import NotNow
from processors.policies.reaction import Asked

READER: Final = "follower"
PURPOSE: Final = "免申即享政策匹配"
GRANT: Final = "policy-matching"
WAIT_S: Final = 10.0
_ANSWER_S: Final = 60.0
_NOT_FOUND: Final = 404


class PolicyReplicas:
    """The replicas that run, for one thread.

    Raises, from every call:
        NotNow: none of them answers as it should; ask again later.
    """

    def __init__(self, urls: Callable[[], Sequence[str]]) -> None:
        """Take a function that tells the replicas' base URLs as they are now."""
        self._urls = urls
        self._http = httpx2.Client(trust_env=False, timeout=_ANSWER_S)

    def matches(self, asked: Asked, receipts: Sequence[str]) -> Sequence[Match]:
        """The matches among subjects and policies, once the archive has reached the receipts."""
        body = {
            "purpose": PURPOSE,
            "grant": GRANT,
            "reader": READER,
            "subjects": {subject: list(ids) for subject, ids in asked.items()},
            "after": list(receipts),
            "wait_s": WAIT_S,
        }
        answer = self._answer("POST", "/v1/policies/matches", json=body)
        return msgspec.convert(msgspec.json.decode(answer.content)["matches"], list[Match])

    def matches_of(self, policy: Policy) -> Iterator[Sequence[Match]]:
        """Every match of a policy, some at a time."""
        body = {"purpose": PURPOSE, "grant": GRANT, "reader": READER, "policy": policy.id, "matches": True}
        url = self._first_url()
        try:
            with self._http.stream("POST", f"{url}/v1/policies/trials", json=body) as answer:
                if not answer.is_success:
                    raise NotNow(f"{url} answers a trial with {answer.status_code}")
                yield from _matches(answer.iter_lines())
        except httpx2.TransportError as fault:
            raise NotNow(f"{url}: {type(fault).__name__}") from fault

    def archive(self, service: Service, subject: str) -> Archive:
        """What is known of a subject, and how complete the sources are that a bundle looks at."""
        ground = [("reader", READER), ("purpose", PURPOSE), ("grant", GRANT)]
        read = self._answer("GET", f"/v1/archives/{quote(subject, safe=':')}", params=ground)
        sources = [("resource", code) for code in sources_of(service)]
        stated = self._answer("GET", "/v1/coverage", params=sources).json()["coverage"]
        until = {code: each["complete_until"] for code, each in stated.items() if each["complete_until"] is not None}
        if read.status_code == _NOT_FOUND:
            return Archive(subject=subject, complete_until=until)
        return archive_of_answer(msgspec.json.decode(read.content), until)

    def close(self) -> None:
        """Disconnect."""
        self._http.close()

    def _answer(self, method: str, path: str, **asked: Any) -> httpx2.Response:
        faults = []
        for url in self._urls():
            try:
                answer = self._http.request(method, url + path, **asked)
            except httpx2.TransportError as fault:
                faults.append(f"{url}: {type(fault).__name__}")
                continue
            if answer.is_success or answer.status_code == _NOT_FOUND:
                return answer
            faults.append(f"{url}: {answer.status_code}")
        raise NotNow(f"no archive replica answers {path}: {', '.join(faults) or 'none is known'}")

    def _first_url(self) -> str:
        urls = self._urls()
        if not urls:
            raise NotNow("no archive replica is known")
        return urls[0]


def _matches(lines: Iterator[str]) -> Iterator[Sequence[Match]]:
    is_complete = False
    for line in lines:
        told = msgspec.json.decode(line)
        if "problem" in told:
            raise NotNow(told["problem"]["detail"])
        if "matches" in told:
            yield msgspec.convert(told["matches"], list[Match])
        is_complete = told.get("trial", {}).get("is_complete", False)
    if not is_complete:
        raise NotNow("a trial broke off before its end")
