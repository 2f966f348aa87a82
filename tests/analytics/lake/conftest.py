"""Where lakes of tests lie: a folder, and a bucket of an S3-compatible store on this machine."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pyarrow.fs as pafs
import pytest

from analytics.lake.location import Location

SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(*server.get_host_and_port(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of a store that speaks S3; a process of its own, for some clients hold the interpreter meanwhile."""
    command = [sys.executable, "-c", SERVER]
    pipes: dict[str, int] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as server:  # type: ignore[call-overload]
        host, port = server.stdout.readline().split()
        yield f"http://{host}:{port}"
        server.stdin.close()


@pytest.fixture(params=["folder", "s3"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """A place for a lake, empty."""
    if request.param == "folder":
        return Location(str(tmp_path / "lake"))
    return bucket(request.getfixturevalue("s3_endpoint"))


def bucket(endpoint: str) -> Location:
    """A prefix of a new bucket."""
    name = f"city-{uuid4().hex[:12]}"
    location = Location(f"s3://{name}/lake", endpoint, "us-east-1", "id", "secret")
    pafs.S3FileSystem(
        access_key="id", secret_key="secret", region="us-east-1", endpoint_override=endpoint, allow_bucket_creation=True
    ).create_dir(name)
    return location
