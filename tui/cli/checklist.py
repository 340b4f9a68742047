"""`watchdeck checklist`: checklists and playbooks without the screen, judged by live checks."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import click

from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.procedures.verdict import Judged, State
    from services.profile import Profile

CODES: dict[State, int] = {"holds": 0, "manual": 0, "fails": 1, "unknown": 3}


def _seconds(ctx: click.Context, param: click.Parameter, value: str) -> float:
    from services.model import parse_duration

    try:
        return float(str(parse_duration(value)))
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.group(
    epilog="\b\nExamples:\n  watchdeck --profile mre checklist list\n  watchdeck checklist show daily --wait 30s"
)
@profile_option
def command() -> None:
    """Checklists and playbooks: how they stand by live checks, what is due, and the runs that were made of them."""


@command.command(name="list", epilog="\b\nExample:\n  watchdeck --profile mre checklist list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@profile_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """What there is, when it is due and was done last. Every procedure, and all else that comes round."""
    from services.procedures.due import dues
    from services.procedures.kept import read
    from tui.cli.checklist_text import listed

    profile = context.profile()
    kept = read(profile)
    rows = listed(profile, kept, dues(profile, kept, time.time()), time.time())
    if as_json:
        click.echo(json.dumps([row.plain for row in rows], allow_nan=False))
    else:
        click.echo("\n".join(row.text for row in rows))


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre checklist show daily --wait 30s --json")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--timeout", type=click.FloatRange(0.1, 300), default=10.0, show_default=True, help="Seconds for the first answers."
)
@click.option(
    "--wait",
    metavar="TIME",
    default="0s",
    callback=_seconds,
    help="Go on polling until it can be judged: windows fill.",
)
@profile_option
@pass_context
def show(context: Context, name: str, as_json: bool, timeout: float, wait: float) -> None:
    """Whether the conditions of each step hold. Polls everything for that. Exits 0 when all do, 1 when some fail, 3
    when some are unknown; steps that only a person can tell of do not count."""
    from services.procedures.plain import of_judged
    from tui.cli.checklist_text import lines

    profile = context.profile()
    _check(profile, name)
    judged = asyncio.run(_judged(profile, name, timeout, wait))
    if as_json:
        click.echo(json.dumps(of_judged(judged), allow_nan=False))
    else:
        click.echo("\n".join(lines(judged)))
    click.get_current_context().exit(CODES[judged.state])


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre checklist runs -n 20")
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@profile_option
@pass_context
def runs(context: Context, count: int, as_json: bool) -> None:
    """The newest runs, the newest first."""
    from services.procedures.plain import of_run
    from tui.cli.checklist_text import run_line

    found = _runs(context.profile())[:count]
    if as_json:
        click.echo(json.dumps([of_run(run) for run in found], allow_nan=False))
    else:
        click.echo("\n".join(map(run_line, found)) or "no run of a checklist or playbook has been begun here")


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre checklist export run-4f2a1c > run.md")
@click.argument("run")
@profile_option
@pass_context
def export(context: Context, run: str) -> None:
    """A run as Markdown. It has who, what, when, the evidence, and where it went another way."""
    from services.errors import RecordError
    from services.records.run_text import markdown

    found = next((one for one in _runs(context.profile()) if one.id == run), None)
    if found is None:
        raise RecordError(f"there is no run {run!r}", "`watchdeck checklist runs` lists them")
    click.echo(markdown(found), nl=False)


def _check(profile: Profile, name: str) -> None:
    from services.errors import ConfigError

    if name not in profile.procedures:
        there = ", ".join(profile.procedures) or "none"
        raise ConfigError(f"the profile {profile.name} has no checklist or playbook {name!r}", f"there are: {there}")


def _runs(profile: Profile) -> Any:
    from services.errors import RecordError
    from services.procedures.kept import read

    kept = read(profile)
    if kept.no_records:
        raise RecordError(kept.no_records)
    return kept.runs


async def _judged(profile: Profile, name: str, timeout: float, wait: float) -> Judged:
    from services.clock import SystemClock
    from services.procedures.judged import judge
    from services.procedures.survey import survey

    seen = await survey(profile, SystemClock(), timeout, wait, lambda seen: judge(name, seen).state != "unknown")
    return judge(name, seen)
