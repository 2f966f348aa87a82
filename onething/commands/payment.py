"""`onething payment`: a small payment office for demonstrations and tests, on a port of this machine."""

import signal
import threading
from typing import Annotated

import typer

app = typer.Typer(name="payment", help="缴费机构（演示）：a small payment office.", no_args_is_help=True)

DEFAULT_PORT = 8690


class NoSecret(Exception):  # noqa: N818  the name is the fact
    """No secret is set that hub and office share; ``remedy`` says what to do."""

    def __init__(self) -> None:
        super().__init__("没有设置共享密钥 (payment.secret is not set)")
        self.remedy = "set the same secret for the hub and for the office: ONETHING_PAYMENT__SECRET=…"


@app.callback()
def payment() -> None:
    """缴费机构（演示）：a small payment office; money that is none. Exit codes: 0 ended, 2 could not start."""


@app.command()
def office(
    port: Annotated[int, typer.Option(min=0, max=65535, help="port on 127.0.0.1; 0: a free one")] = DEFAULT_PORT,
) -> None:
    """运行演示缴费机构：orders, pay pages and signed callbacks until Ctrl-C; orders live in memory.

    Example: ONETHING_PAYMENT__SECRET=demo onething payment office --port 8690
    """
    from connectors.payment.running import running_office  # noqa: PLC0415 - commands import what they need
    from onething.settings import load_settings  # noqa: PLC0415

    secret = load_settings().payment.secret
    if secret is None or not secret.get_secret_value():
        raise NoSecret
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with running_office(secret.get_secret_value().encode(), port) as running:
        typer.echo(f"缴费机构 payment office: {running.url}")
        typer.echo(f"枢纽的设置 settings of the hub: ONETHING_PAYMENT__URL={running.url}")
        ending.wait()
