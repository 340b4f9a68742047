"""`watchdeck doctor`: every source, mapping, privilege and action of the profile, tried."""

from __future__ import annotations

import click

from tui.cli.context import Context, pass_context, profile_option

EXAMPLE = """\b
Example:
  watchdeck --profile mre doctor"""


@click.command(epilog=EXAMPLE)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 300), default=10.0, show_default=True, help="Seconds for the sources."
)
@profile_option
@pass_context
def command(context: Context, as_json: bool, timeout: float) -> None:
    """Try every source, mapping, privilege and action of the profile. Changes nothing; exits 1 when one failed."""
    import asyncio
    import json
    from dataclasses import asdict

    from services.clock import SystemClock
    from services.doctor import examine

    found = asyncio.run(examine(context.profile(), SystemClock(), timeout, context.read_only))
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found]))
    else:
        for finding in found:
            click.echo(f"{finding.word:8} {finding.what}: {finding.message}")
            if finding.remedy:
                click.echo(f"{'':8} -> {finding.remedy}")
    if any(finding.word == "failed" for finding in found):
        raise SystemExit(1)
