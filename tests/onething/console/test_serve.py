import stat
from pathlib import Path

import pytest

from onething.console.app import is_own
from onething.console.serve import storage_secret
from onething.settings import SettingsFault, load_settings


def test_the_secret_is_made_once_and_its_owners_alone(tmp_path: Path) -> None:
    secret = storage_secret(tmp_path / "secret")
    assert storage_secret(tmp_path / "secret") == secret
    assert len(secret) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_no_other_address_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONETHING_CONSOLE__HOST", "0.0.0.0")  # noqa: S104  it must be refused
    with pytest.raises(SettingsFault, match="仅限本机访问"):
        load_settings()


@pytest.mark.parametrize(
    ("path", "own"),
    [("/cases?a=1", True), ("//evil.example", False), ("https://evil.example", False), ("/\\evil.example", False)],
)
def test_nobody_is_led_elsewhere(path: str, *, own: bool) -> None:
    assert is_own(path) is own
