"""`watchdeck notify`: a test notice to the profile's channels, so that the first real one is not the test."""

from __future__ import annotations

import click

from tui.cli.context import Context, pass_context, profile_option

EXAMPLE = """\b
Examples:
  watchdeck --profile mre notify              a test notice to every channel
  watchdeck --profile mre notify mail pager   to these two"""


@click.command(epilog=EXAMPLE)
@click.argument("names", nargs=-1, metavar="[CHANNEL]...")
@profile_option
@pass_context
def command(context: Context, names: tuple[str, ...]) -> None:
    """Send a test notice to the channels under [notify]. Exits 1 when one of them did not take it."""
    import asyncio
    import time

    from services.errors import DeliveryError
    from services.notify import build
    from services.notify.message import message
    from services.watching.notices import Notice

    profile = context.profile()
    channels = build(profile)
    for name in names:
        if name not in channels:
            there = ", ".join(channels) or "none"
            raise click.BadParameter(f"{name!r}: there is {there} (the terminal's own ring in the console)")
    if not channels:
        raise click.UsageError("the profile has no channel under [notify] that a notice could be sent to")
    notice = Notice(f"test {time.time():.0f}", time.time(), "summary", "a test", "watchdeck can reach this channel")
    failed = False
    for name in names or channels:
        try:
            asyncio.run(channels[name].send(message(notice, profile)))
        except DeliveryError as error:
            failed = True
            click.echo(f"✖ {name}: {error}")
        else:
            click.echo(f"● {name}: taken")
    click.get_current_context().exit(1 if failed else 0)
