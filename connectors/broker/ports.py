"""Ports of this machine: which are free, and who has those that are not."""

import socket

from connectors.broker.errors import PortTaken
from connectors.broker.process import listener_on


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def choose_port(host: str, asked: int, remembered: int) -> int:
    """The port asked for; else the one of last time while it is free; else any free one. Raises PortTaken."""
    if asked and not is_free(host, asked):
        raise PortTaken(host, asked, listener_on(asked))
    if asked:
        return asked
    return remembered if remembered and is_free(host, remembered) else free_port(host)


def answers(host: str, port: int, timeout_s: float) -> bool:
    """Whether somebody accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout_s):
            return True
    except OSError:
        return False


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
