"""`watchdeck roles --sql`: least-privilege roles, the ledger and the actions' functions, to review and apply."""

from __future__ import annotations

import click

from tui.cli.context import Context, pass_context, profile_option

EXAMPLE = """\b
Example:
  watchdeck --profile mre roles --sql | psql mre"""


@click.command(epilog=EXAMPLE)
@click.option("--sql", is_flag=True, help="Print the SQL.")
@profile_option
@pass_context
def command(context: Context, sql: bool) -> None:
    """Least-privilege roles and the ledger, as SQL to review and apply."""
    from services.actions.grants import roles_sql

    if not sql:
        raise click.UsageError("say --sql: the SQL is printed, never applied")
    click.echo(roles_sql(context.profile()), nl=False)
