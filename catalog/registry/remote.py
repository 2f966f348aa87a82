"""Another schema registry, such as Confluent's own, that writes the log in place of the hub.

It must keep its log in this cluster: the hub's processes read the schemas there, whoever wrote them.
"""

from collections.abc import Collection
from urllib.parse import quote

import httpx2

from catalog.registry.decisions import Registered, RegistryRefusal
from catalog.registry.published import published_subjects
from topics.declarations import TopicDeclaration

TIMEOUT_S = 30.0


class RegistryUnreachable(Exception):  # noqa: N818  the name is the fact
    """The other registry does not answer."""

    remedy = "see that it runs and that registry.url is its address: onething config show"


def register_published_at(url: str, declared: Collection[TopicDeclaration]) -> list[Registered]:
    """Register every published version at the registry of this url; what is registered stays as it is.

    Raises:
        RegistryUnreachable: no answer within ``TIMEOUT_S``.
        RegistryRefusal: a schema was refused, in the other registry's words.
    """
    with httpx2.Client(base_url=url, timeout=TIMEOUT_S) as client:
        return [_registered(client, subject, text) for subject, text in published_subjects(declared)]


def _registered(client: httpx2.Client, subject: str, text: str) -> Registered:
    registered = _asked(client, f"subjects/{quote(subject, safe='')}/versions", text)
    if "version" not in registered:
        registered = _asked(client, f"subjects/{quote(subject, safe='')}", text)
    return Registered(subject, int(registered["version"]), int(registered["id"]))


def _asked(client: httpx2.Client, path: str, text: str) -> dict[str, int]:
    try:
        answer = client.post(path, json={"schema": text})
    except httpx2.TransportError as fault:
        raise RegistryUnreachable(f"{client.base_url} does not answer: {type(fault).__name__}") from fault
    if answer.is_success:
        return dict(answer.json())
    told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    message = f"{client.base_url} refused {path}: {told.get('message', answer.reason_phrase)}"
    raise RegistryRefusal(answer.status_code, int(told.get("error_code", answer.status_code)), message)
