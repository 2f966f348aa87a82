import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import psutil
import pytest

from onething.doors import on_free_ports
from onething.endpoints import ROLES, endpoint
from onething.environment import child_environment
from onething.settings import Settings


@pytest.mark.broker
def test_up_shows_what_runs_where_and_one_ctrl_c_ends_it_all(data_dir: Path) -> None:
    settings = on_free_ports(Settings(data_dir=data_dir))
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "onething", "up"],
        env={**child_environment(settings), "COLUMNS": "160"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as up:
        assert up.stdout
        shown = []
        for line in up.stdout:
            shown.append(line)
            if "Ctrl-C" in line:
                break
        assert shown, up.stderr.read() if up.stderr else ""
        parts = psutil.Process(up.pid).children(recursive=True)
        for role in ROLES:
            url = endpoint(settings, role)
            assert any(url in line for line in shown)
            assert httpx2.get(f"{url}/health/live").is_success
        os.kill(up.pid, signal.SIGINT)
        _, told = up.communicate(timeout=60)
    assert up.returncode == 0, told
    assert [line for line in told.splitlines() if "stopped" in line][-1].endswith("kafka")
    assert not [part for part in parts if part.is_running() and part.status() != psutil.STATUS_ZOMBIE]
