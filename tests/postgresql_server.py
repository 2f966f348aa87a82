"""A private PostgreSQL server for the tests that need one."""

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
import pytest

UNPRIVILEGED: Final = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; the first of these accounts that exists runs it then."""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The SQLAlchemy URL of an empty server, without a database's name."""
    binaries = _binaries()
    if binaries is None:
        why = "no PostgreSQL server binaries on the PATH or in /usr/lib/postgresql"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with _server(binaries) as url:
        yield url


@pytest.fixture
def database(postgresql: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of its own for one test."""
    name = f"t{abs(hash(request.node.nodeid)):x}"
    admin = f"{postgresql}/postgres"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield f"{postgresql}/{name}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@contextmanager
def _server(binaries: Path) -> Iterator[str]:
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="onething-postgresql-"))
    shutil.chown(folder, account)
    run_as = {"user": account, "cwd": folder} if os.geteuid() == 0 else {"cwd": folder}
    data, port = folder / "data", _free_port()

    def run(*command: str) -> None:
        done = subprocess.run(command, check=False, capture_output=True, text=True, **run_as)
        assert done.returncode == 0, done.stdout + done.stderr

    options = f"-h 127.0.0.1 -p {port} -k {folder} -c fsync=off -c full_page_writes=off"
    try:
        run(str(binaries / "initdb"), "-D", str(data), "-U", "hub", "--auth=trust", "--encoding=UTF8", "--locale=C")
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://hub@127.0.0.1:{port}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> str:
    if os.geteuid() != 0:
        return getpass.getuser()
    known = {each.pw_name for each in pwd.getpwall()}
    return next(each for each in UNPRIVILEGED if each in known)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
