"""`watchdeck incident`: what is open, what happened, and everything about one, handed on."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import click

from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.profile import Profile
    from services.records.incident import Incident


@click.group(epilog="\b\nExample:\n  watchdeck --profile mre incident list")
@profile_option
def command() -> None:
    """Read incidents, add notes to them, and export them."""


@command.command("list", epilog="\b\nExample:\n  watchdeck --profile mre incident list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@profile_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """Every incident: those under way first, the worst above; then the newest."""
    from services.records.incident_events import KIND, incidents
    from services.records.kinds import incident_record
    from services.records.store import Records
    from services.records.urgency import by_urgency

    profile = context.profile()
    folded = incidents(Records.of(profile).all(KIND))
    there = by_urgency(folded, lambda it: incident_record(profile, it.of), profile.severities, time.time())
    if not there and not as_json:
        click.echo("no incident was opened here", err=True)
    for found in there:
        told = _told(profile, found)
        click.echo(json.dumps(told) if as_json else _line(told))


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre incident show incident-4f2a9c")
@click.argument("id")
@profile_option
@pass_context
def show(context: Context, id: str) -> None:
    """How one stands, what it lacks, and its timeline."""
    from services.records.demands import missing
    from services.records.export import told
    from services.records.markdown import moment
    from services.records.story import story

    found = story(context.profile(), id, time.time())
    it = found.incident
    click.echo(f"{it.id}  {it.severity}  {it.state}  {it.title}")
    for timer in found.timers:
        click.echo(f"  {timer.name}: {told(timer, found.at)}")
    for line in missing(it, found.record) if it.state != "closed" else ():
        click.echo(f"  lacks {line}")
    for line in found.unread:
        click.echo(f"  could not be read: {line}")
    for one in found.moments:
        click.echo(f"{moment(one.at)}  {one.kind:<8}  {one.what}{f'  ({one.by})' if one.by else ''}")


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre incident export incident-4f2a9c > incident.md")
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="As JSON instead of Markdown.")
@profile_option
@pass_context
def export(context: Context, id: str, as_json: bool) -> None:
    """Everything there is to tell of one."""
    from services.records.export import as_json as plain
    from services.records.export import as_markdown
    from services.records.story import story

    found = story(context.profile(), id, time.time())
    text = json.dumps(plain(found), indent=1) + "\n" if as_json else as_markdown(found)
    click.echo(text, nl=False)


@command.command(epilog='\b\nExample:\n  watchdeck --profile mre incident note incident-4f2a9c "disk 3 is replaced"')
@click.argument("id")
@click.argument("text")
@profile_option
@pass_context
def note(context: Context, id: str, text: str) -> None:
    """Add a note to an incident, as if from its screen."""
    from services.actions.identity import whoami
    from services.errors import RecordError
    from services.records.event import NOTED
    from services.records.store import Records
    from services.text import safe

    if context.read_only:
        raise RecordError("read-only: nothing is recorded", "call it without --read-only")
    records = Records.of(context.profile())
    if not id.startswith("incident-") or not records.events(id):
        raise RecordError(f"there is no incident {safe(id, 60)!r}", "`watchdeck incident list` has them")
    if not text.strip():
        raise RecordError("an empty note says nothing", "give the text behind the id, in quotes")
    records.append(id, NOTED, str(whoami()), time.time(), {"text": text})
    click.echo(f"noted in {id}")


def _told(profile: Profile, found: Incident) -> dict[str, Any]:
    from services.records.kinds import incident_record
    from services.records.timers import overdue

    late = overdue(found, incident_record(profile, found.of).severities, time.time())
    return {
        "id": found.id,
        "severity": found.severity,
        "state": found.state,
        "title": found.title,
        "opened_at": found.opened_at,
        "opened_by": found.opened_by,
        "resolved_at": found.ended_at,
        "closed_at": found.since("closed"),
        "overdue": [timer.name for timer in late],
    }


def _line(told: dict[str, Any]) -> str:
    from services.records.markdown import moment

    late = f"  OVERDUE: {', '.join(told['overdue'])}" if told["overdue"] else ""
    return (
        f"{told['id']}  {moment(told['opened_at'])}  {told['severity'] or '-'}  {told['state']}  {told['title']}{late}"
    )
