"""`watchdeck read`: one read of what is restricted, under an elevation, without the console."""

from __future__ import annotations

import asyncio
import json

import click

from tui.cli.act import settings
from tui.cli.context import Context, pass_context, profile_option

EXAMPLES = """\b
Examples:
  watchdeck --profile mre act elevate --set what=job-payload --set minutes=15 --yes --reason "ticket 4711"
  watchdeck --profile mre read job-payload --set id=17 --elevation 6f1c..."""


@click.command(epilog=EXAMPLES)
@click.argument("read")
@click.option("--set", "params", multiple=True, metavar="KEY=VALUE", callback=settings, help="What it is about.")
@click.option("--elevation", metavar="ID", required=True, type=click.UUID, help="Approved, and in force.")
@profile_option
@pass_context
def command(context: Context, read: str, params: dict[str, str], elevation: object) -> None:
    """Read what is restricted, as JSON lines. Each read is noted in the database under your name, before it answers."""
    from services.actions.identity import whoami
    from services.actions.restricted import read as ask

    answer = asyncio.run(ask(context.profile(), read, params, str(elevation), str(whoami())))
    for row in answer.rows:
        click.echo(json.dumps({name: "\n".join(lines) for name, lines in row.items()}, ensure_ascii=False))
    click.echo(f"noted as read {answer.note}", err=True)
