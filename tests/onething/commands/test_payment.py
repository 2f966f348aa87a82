import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2


def _office(tmp_path: Path, secret: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "onething", "payment", "office", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "ONETHING_DATA_DIR": str(tmp_path), "ONETHING_PAYMENT__SECRET": secret},
    )


def test_the_office_says_where_it_answers_and_ends_when_asked_to(tmp_path: Path) -> None:
    with _office(tmp_path, "shared") as office:
        assert office.stdout is not None
        url = office.stdout.readline().split()[-1]
        assert httpx2.get(f"{url}/orders/nobody", trust_env=False).status_code == 404
        assert httpx2.post(f"{url}/orders", content=b"{}", trust_env=False).status_code == 401
        office.send_signal(signal.SIGTERM)
        assert office.wait(20) == 0


def test_without_a_secret_it_says_what_to_set(tmp_path: Path) -> None:
    with _office(tmp_path, "") as office:
        _, told = office.communicate(timeout=30)
    assert office.returncode == 2
    assert "ONETHING_PAYMENT__SECRET" in told
