"""`watchdeck collect`: the console without a screen, for a service that runs day and night."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.profile import Profile

EXAMPLE = """\b
Examples:
  watchdeck --profile mre collect                              notify, and show everything at :9464/metrics
  watchdeck --profile mre collect --listen 0.0.0.0:9464        let a Prometheus on another machine scrape it
  watchdeck --profile mre --via http://prometheus:9090         a console fed by that Prometheus"""


def _address(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise click.BadParameter(f"{value!r} is not HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


@click.command(epilog=EXAMPLE)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:9464",
    show_default=True,
    callback=_address,
    help="Where the metrics are served. Port 0 takes a free one. There is no authentication: keep it on loopback "
    "or within a network that may read what the console shows.",
)
@click.option("--no-notify", is_flag=True, help="Send nothing to the profile's [notify] channels.")
@profile_option
@pass_context
def command(context: Context, listen: tuple[str, int], no_notify: bool) -> None:
    """Poll, judge, notify and serve every figure and alert as Prometheus metrics, until it is stopped."""
    import asyncio

    asyncio.run(_collect(context.profile(), *listen, notify=not no_notify))


async def _collect(profile: Profile, host: str, port: int, notify: bool) -> None:
    import asyncio
    import signal

    from services.clock import SystemClock
    from services.collector import Collector
    from services.relay.metrics import Standing
    from services.relay.page import Page
    from services.sources import build

    clock = SystemClock()
    collector = Collector(profile, clock, build(profile, clock), _say, notify)
    watch = collector.watch
    page = Page(Standing(profile, lambda: (watch.past.snapshot, watch.alerts)), host, port, _say)
    click.echo(json.dumps({"profile": profile.name, "environment": profile.environment.name, "metrics": page.url}))
    task = asyncio.ensure_future(collector.run())
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        _say("stopped")
    finally:
        await asyncio.to_thread(page.close)


def _say(line: str) -> None:
    click.echo(f"collect: {line}", err=True)
