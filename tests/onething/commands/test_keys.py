import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.keyring import KeyRing
from onething.cli import app as hub
from onething.commands.keys import app


@pytest.fixture(autouse=True)
def keys(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ONETHING_DATA_DIR", str(data_dir))
    return data_dir / "keys"


def test_keys_are_shown_by_id_and_never_themselves(keys: Path) -> None:
    ring = KeyRing.open_or_create(keys)
    result = CliRunner().invoke(app, ["show", "-o", "json"])
    assert [(each["key"], each["state"]) for each in json.loads(result.stdout)] == [
        (ring.key_ids()[0][0], "in use"),
        ("token", "never rotates"),
        ("digest", "never rotates"),
    ]
    content = json.loads(ring.path.read_text())
    for secret in (content["token_key"], content["digest_key"], content["field_keys"][0]["key"]):
        assert secret not in result.output


def test_a_rotation_adds_a_key(keys: Path) -> None:
    sealed = KeyRing.open_or_create(keys).seal(b"x", b"place")
    result = CliRunner().invoke(app, ["rotate", "-o", "json"])
    assert [each["state"] for each in json.loads(result.stdout)][:2] == ["reads only", "in use"]
    assert KeyRing.open(keys).unseal(sealed, b"place") == b"x"


def test_a_missing_ring_is_told_and_not_made(keys: Path) -> None:
    for command in ("show", "rotate"):
        result = CliRunner().invoke(hub, ["keys", command])
        assert result.exit_code == 2
        assert "no key ring" in result.stderr
    assert not keys.exists()
