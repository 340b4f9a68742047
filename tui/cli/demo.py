"""`watchdeck demo`: a real stack, embedded, and the console on it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from services.demo.systems import SYSTEMS
from services.demo.systems import system as system_named
from tui.cli.context import Context, pass_context

if TYPE_CHECKING:
    from services.demo.stack import Options
    from tui.drill import Played

EXAMPLES = """\b
Examples:
  watchdeck demo                                     everything is well
  watchdeck demo --scenario stale-locks              something is broken
  watchdeck demo --drill fusion-backlog              training: times, and a score sheet at the end
  watchdeck demo --headless --jobs 1000000           only the stack, with a past
  watchdeck --profile P demo --scenario NAME --join  break something in the stack of profile P"""


def _say(line: str) -> None:
    click.echo(f"demo: {line}", err=True)


@click.command(epilog=EXAMPLES)
@click.option("--system", type=click.Choice(list(SYSTEMS)), default="mre", show_default=True, help="Whose stack.")
@click.option("--scenario", metavar="NAME", help="What goes wrong; --list names them.")
@click.option("--drill", metavar="PLAYBOOK", help="Train a playbook on what goes wrong; --list names them.")
@click.option(
    "--jobs", type=click.IntRange(min=0), default=0, metavar="N", help="So many jobs of history, over 30 days."
)
@click.option(
    "--headless", is_flag=True, help="No console: print one JSON line with the addresses, serve until stopped."
)
@click.option("--join", is_flag=True, help="Start the scenario in the running demo that --profile belongs to.")
@click.option("--list", "listed", is_flag=True, help="List the systems and their scenarios.")
@pass_context
def command(
    context: Context,
    system: str,
    scenario: str | None,
    drill: str | None,
    jobs: int,
    headless: bool,
    join: bool,
    listed: bool,
) -> None:
    """A real stack on loopback: its servers, its work and its users. Everything goes when it ends."""
    if listed:
        _list()
        return
    if join:
        _join(context, scenario)
        return
    _check(system, scenario, jobs)
    _check_drill(system, drill, scenario, headless)
    from services.demo.serve import serve
    from services.demo.stack import Addresses, Options

    options = Options(system, jobs, scenario or "")
    if not headless:
        click.get_current_context().exit(_console(context, options, drill))

    def announce(addresses: Addresses) -> None:
        click.echo(json.dumps(asdict(addresses)))

    serve(options, _say, announce)


def _console(context: Context, options: Options, drill: str | None) -> int:
    """The console on a stack of its own, which ends with it. Its exit code."""
    from services.demo.background import Background
    from tui.console import run_console

    stack = Background(options, _say)
    played = _played(options.system, drill) if drill else None
    try:
        profile = stack.start().profile
        code = run_console(profile, read_only=context.read_only, drill=played)
        if drill:
            from tui.cli.drill import closed

            click.echo("\n".join(closed(profile)))
        return code
    except KeyboardInterrupt:  # while it starts; later Ctrl-C is a key of the console
        return 130
    finally:
        stack.stop()


def _list() -> None:
    for system in SYSTEMS:
        click.echo(f"{system}:")
        for name, scenario in system_named(system).scenarios.items():
            click.echo(f"  {name:20} {scenario.title}")
            click.echo(click.wrap_text(scenario.help, 100, " " * 23, " " * 23))
        for playbook, trained_on in system_named(system).drills.items():
            click.echo(f"  --drill {playbook}: on {trained_on}")


def _played(system: str, drill: str) -> Played:
    from tui.drill import Played

    there = system_named(system)
    scenario = there.drills[drill]
    return Played(drill, scenario, there.scenarios[scenario].tells)


def _check_drill(system: str, drill: str | None, scenario: str | None, headless: bool) -> None:
    known = system_named(system).drills
    if drill is not None and drill not in known:
        raise click.BadParameter(f"{system} has {', '.join(known) or 'none'}", param_hint="--drill")
    if drill is not None and (scenario or headless):
        raise click.UsageError("--drill brings its own scenario, and needs the console")


def _check(system: str, scenario: str | None, jobs: int) -> None:
    kind = system_named(system)
    if scenario is not None and scenario not in kind.scenarios:
        raise click.BadParameter(f"{system} has {', '.join(kind.scenarios)}", param_hint="--scenario")
    if jobs and not kind.has_history:
        raise click.BadParameter(f"the demo of {system} has no history", param_hint="--jobs")


def _join(context: Context, scenario: str | None) -> None:
    """Which scenarios there are, the running stack knows."""
    from services.demo.control import start
    from services.errors import ConfigError

    if scenario is None:
        raise click.UsageError("--join needs --scenario NAME")
    demo = context.profile().demo
    if demo is None:
        raise ConfigError(
            f"{context.path()} is not the profile of a running demo", "give the one that `watchdeck demo` printed"
        )
    state = start(demo.control, scenario)
    click.echo(f"{state.name}: {state.state}. {state.help}")
