"""An S3-compatible store on this machine, in a process of its own: clients hold this one's lock while they wait."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2

START_S = 30.0


@contextmanager
def object_store(bucket: str) -> Iterator[str]:
    """The store's address, with one empty bucket in it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(server, url)
        httpx2.put(f"{url}/{bucket}", trust_env=False).raise_for_status()
        yield url
    finally:
        server.terminate()
        server.wait()


def _until_it_answers(server: "subprocess.Popen[bytes]", url: str) -> None:
    transport = httpx2.HTTPTransport(retries=100)
    with httpx2.Client(transport=transport, timeout=START_S, trust_env=False) as client:
        assert server.poll() is None
        client.get(url).raise_for_status()
