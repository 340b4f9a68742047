"""`watchdeck check`: how the rules stand, as cron and Nagios want to hear it."""

from __future__ import annotations

import click

from tui.cli.context import Context, pass_context, profile_option

EXAMPLE = """\b
Examples:
  watchdeck --profile mre check
  watchdeck --profile mre check --rule stale-locks --rule job-failure-rate
  watchdeck --profile mre check --look 60s --rule queue-growth      where nothing else watches on this machine"""


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    from services.model import parse_duration

    try:
        return float(str(parse_duration(value)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command(epilog=EXAMPLE)
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only this rule; may be given several times.")
@click.option(
    "--look",
    metavar="TIME",
    default="10s",
    show_default=True,
    callback=_seconds,
    help="How long to look, where no console and no `watchdeck collect` watches on this machine.",
)
@profile_option
@pass_context
def command(context: Context, rules: tuple[str, ...], look: float) -> None:
    """How the rules stand: exits 0, 1, 2 or 3 for ok, warning, critical, unknown. Never better than it knows."""
    import asyncio

    from services.check import UNKNOWN, check, line
    from services.clock import SystemClock
    from services.errors import ConfigError, WatchdeckError

    try:
        profile = context.profile()
        for rule in rules:
            if rule not in profile.rules:
                raise ConfigError(f"--rule {rule}: there is {', '.join(profile.rules) or 'no rule'}")
        checked = asyncio.run(check(profile, SystemClock(), rules, look))
    except WatchdeckError as error:  # for who reads exit codes as Nagios does, 1 and 2 would be news of the system
        click.echo(f"UNKNOWN - {'; '.join(error.message.splitlines())}")
        click.get_current_context().exit(UNKNOWN)
    click.echo(line(checked, profile.rules))
    click.get_current_context().exit(checked.code)
