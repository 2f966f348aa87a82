"""`onething keys`: the key ring, never a key."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import typer

from onething.rows import Form, FormOption, Row, written

if TYPE_CHECKING:
    from connectors.keyring import KeyRing

app = typer.Typer(
    name="keys",
    help="密钥环：the keys that protect personal data. No command shows a key. Exit codes: 0 done, 2 failed.",
    no_args_is_help=True,
)

_US: Final = 1_000_000


@app.command()
def show(output: FormOption = Form.TABLE) -> None:
    """List the keys by id, age and use; creates nothing."""
    ring = _ring()
    typer.echo(written(_rows(ring), output))
    typer.echo(
        f"密钥环 key ring: {ring.path} （请备份 back it up: without it no personal field can be read）", err=True
    )


@app.command()
def rotate(output: FormOption = Form.TABLE) -> None:
    """Seal with a fresh key from now on; what was sealed before stays readable, tokens and event ids stay the same."""
    ring = _ring()
    ring.rotate()
    typer.echo(written(_rows(ring), output))
    typer.echo(f"已轮换 rotated; back up {ring.path} again. Running processes take it up within a second.", err=True)


def _ring() -> "KeyRing":
    from connectors.keyring import KeyRing  # noqa: PLC0415 - commands import what they need when they run
    from onething.settings import load_settings  # noqa: PLC0415

    return KeyRing.open(load_settings().data_dir / "keys")


def _rows(ring: "KeyRing") -> list[Row]:
    keys = ring.key_ids()
    return [
        *(
            {"key": key_id, "use": "seal", "created": _day(created_at), "state": _state(place, len(keys))}
            for place, (key_id, created_at) in enumerate(keys, start=1)
        ),
        {"key": "token", "use": "name persons", "created": _day(keys[0][1]), "state": "never rotates"},
        {"key": "digest", "use": "tell repeats apart", "created": _day(keys[0][1]), "state": "never rotates"},
    ]


def _state(place: int, count: int) -> str:
    return "in use" if place == count else "reads only"


def _day(us: int) -> str:
    return datetime.fromtimestamp(us / _US, UTC).isoformat(timespec="seconds")
