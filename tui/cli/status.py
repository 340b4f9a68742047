"""`watchdeck status`: one poll of everything, as text or JSON."""

from __future__ import annotations

import click

from tui.cli.context import Context, pass_context, profile_option

EXAMPLE = """\b
Examples:
  watchdeck --profile mre status
  watchdeck --profile mre status --json | jq '.queues.jobs.types.fuse.waiting'"""


@click.command(epilog=EXAMPLE)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON contract, on one line.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 300), default=10.0, show_default=True, help="Seconds for all of it."
)
@profile_option
@pass_context
def command(context: Context, as_json: bool, timeout: float) -> None:
    """One poll of everything, as text or JSON. Exits 0 whatever it finds: `alerts` and `error` say how things are."""
    import asyncio
    import json

    from services.clock import SystemClock
    from services.status import collect

    found = asyncio.run(collect(context.profile(), SystemClock(), timeout))
    if as_json:
        click.echo(json.dumps(found, allow_nan=False))
        return
    from tui.cli.status_text import lines

    click.echo("\n".join(lines(found)))
