"""`watchdeck`: the console when it stands alone, and one lazily loaded subcommand per word after it."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click

from services.errors import WatchdeckError
from tui.cli.context import Context


class Lazy(NamedTuple):
    """Where a subcommand lives, and its line in `--help`, which is printed without importing it."""

    target: str
    summary: str


COMMANDS = {
    "demo": Lazy("tui.cli.demo:command", "A real stack, embedded, and the console on it."),
    "status": Lazy("tui.cli.status:command", "One poll of everything, as text or JSON."),
    "check": Lazy("tui.cli.check:command", "How the rules stand, for cron and Nagios."),
    "collect": Lazy("tui.cli.collect:command", "The console without a screen: notify, and serve Prometheus metrics."),
    "notify": Lazy("tui.cli.notify:command", "Send a test notice to the profile's channels."),
    "act": Lazy("tui.cli.act:command", "Preview an action, or carry it out, without the console."),
    "read": Lazy("tui.cli.read:command", "Read what is restricted, under an elevation; each read is noted."),
    "profile": Lazy("tui.cli.profile:command", "List, show and check profiles."),
    "rules": Lazy("tui.cli.rules:command", "Record readings, and replay them against the profile's rules."),
    "doctor": Lazy("tui.cli.doctor:command", "Try every source, mapping, privilege and action of the profile."),
    "checklist": Lazy("tui.cli.checklist:command", "Checklists and playbooks: live checks, due timers, runs."),
    "audit": Lazy("tui.cli.audit:command", "Read, verify and export the local record of actions."),
    "incident": Lazy("tui.cli.incident:command", "Incidents: what is open, what happened, and their export."),
    "records": Lazy("tui.cli.records:command", "Drills, launches, windows, handovers and reports."),
    "roles": Lazy("tui.cli.roles:command", "Least-privilege roles and the ledger, as SQL to review and apply."),
}

EXAMPLES = """\b
Examples:
  watchdeck demo                         the console on a stack of its own
  watchdeck --profile mre                the console on your system
  watchdeck --profile mre --wall         for the screen on the wall
  watchdeck --profile mre status --json  the same figures for a script"""


class Root(click.Group):
    """A group that imports a subcommand only when it is called, and turns our errors into one message."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        module, name = lazy.target.split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except WatchdeckError as error:
            click.echo(f"watchdeck: {error}", err=True)
            ctx.exit(error.exit_code)


def _seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    from services.model import parse_duration

    try:
        return max(1.0, float(str(parse_duration(value))))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group(
    cls=Root, invoke_without_command=True, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.option(
    "--profile", metavar="NAME|PATH", help="What to watch. Default: $WATCHDECK_PROFILE, ./watchdeck.toml, your config."
)
@click.option("--read-only", is_flag=True, help="Refuse every action, whoever you are.")
@click.option("--wall", is_flag=True, help="For a display on the wall: large, rotating, no input needed.")
@click.option(
    "--cycle", metavar="TIME", default=None, callback=_seconds, help="How long the wall shows a view. Default: 20s."
)
@click.option(
    "--via", metavar="URL", default="", help="Read everything from this Prometheus, which scrapes `watchdeck collect`."
)
@click.version_option(package_name="watchdeck")
@click.pass_context
def root(ctx: click.Context, profile: str | None, read_only: bool, wall: bool, cycle: float | None, via: str) -> None:
    """The console an operator opens when something is wrong, and the screen that hangs on the wall when nothing is."""
    ctx.obj = Context(profile, read_only)
    if ctx.invoked_subcommand is None:
        from tui.console import run_console

        ctx.exit(run_console(profile, read_only=read_only, wall=wall, cycle=cycle or 20.0, via=via))


def main() -> None:
    root(prog_name="watchdeck")


if __name__ == "__main__":
    main()
