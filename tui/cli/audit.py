"""`watchdeck audit`: the local record of actions, read, verified, exported and settled."""

from __future__ import annotations

import asyncio
import csv
import dataclasses
import io
import json
import time
from typing import TYPE_CHECKING

import click

from services.text import safe
from tui.cli.context import Context, pass_context, profile_option

if TYPE_CHECKING:
    from services.actions.journal import Journal, Record
    from services.readings import AuditEntry

# What a line of the CSV says beside its time: of the action as a whole, and of where and as whom it was begun.
SHOWN = 30  # ids on a line of `tail`; --json and the export have more
_OF_ENTRY = ("id", "actor", "action", "outcome", "rows", "way", "reason", "summary")
_OF_INTENT = ("environment", "server", "database_user", "role")


@click.group(epilog="\b\nExample:\n  watchdeck --profile mre audit tail")
@profile_option
def command() -> None:
    """Read, verify and export the local record of actions."""


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre audit tail -n 20")
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("-f", "follow", is_flag=True, help="Go on with new ones as they come.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@profile_option
@pass_context
def tail(context: Context, count: int, follow: bool, as_json: bool) -> None:
    """The newest actions, oldest of them first."""
    from services.actions.entries import entries

    journal = _journal(context)
    shown: dict[str, AuditEntry] = {}
    while True:
        for entry in reversed(entries(journal, count)):
            if shown.get(entry.id) != entry:
                shown[entry.id] = entry
                click.echo(json.dumps(dataclasses.asdict(entry)) if as_json else _line(entry))
        if not follow:
            return
        time.sleep(0.5)


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre audit verify")
@click.option("--offline", is_flag=True, help="Without asking the ledger: a cut tail is not found then.")
@profile_option
@pass_context
def verify(context: Context, offline: bool) -> None:
    """Whether every record is there and as it was written. Exit code 1 when not."""
    from services.actions.anchors import anchors
    from services.errors import ActionError

    journal = _journal(context)
    known = {} if offline else asyncio.run(anchors(context.profile(), journal))
    verdict = journal.verify(known)
    if not verdict.ok:
        raise ActionError(verdict.problem, "compare it with the ledger: SELECT * FROM watchdeck.ledger")
    torn = "; its last line is torn and is set aside at the next action" if verdict.torn else ""
    against = "" if offline else f", {len(known)} of them against the ledger"
    click.echo(f"{verdict.records} records, unbroken{against}{torn}")


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre audit export --csv > actions.csv")
@click.option("--csv", "form", flag_value="csv", help="One line per action.")
@click.option("--jsonl", "form", flag_value="jsonl", default=True, help="Every record as it was written. The default.")
@profile_option
@pass_context
def export(context: Context, form: str) -> None:
    """Everything, for somebody else to look at."""
    from services.actions.entries import joined

    journal = _journal(context)
    if form == "jsonl":
        for record in journal.records():
            click.echo(json.dumps(record))
        return
    records = tuple(journal.records())
    begun: dict[str, Record] = {}
    for record in records:
        begun.setdefault(str(record["id"]), record)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["at", *_OF_ENTRY, *_OF_INTENT, "ids"])
    for entry in reversed(joined(records)):
        cells = [getattr(entry, name) for name in _OF_ENTRY]
        cells += [safe(begun[entry.id].get(name), 200) for name in _OF_INTENT]
        cells.append(" ".join(safe(one, 60) for one in begun[entry.id].get("rows", ())))
        writer.writerow([_when(entry.at), *map(_harmless, cells)])
    click.echo(out.getvalue(), nl=False)


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre audit settle")
@profile_option
@pass_context
def settle(context: Context) -> None:
    """Find out how actions ended whose outcome is unknown. Exit code 4 while one still is."""
    from services.actions.identity import whoami
    from services.actions.settle import settle as settle_all

    journal = _journal(context)
    outcomes = asyncio.run(settle_all(context.profile(), journal, str(whoami())))
    for outcome in outcomes:
        click.echo(f"{outcome.id}  {outcome.word}: {outcome.message}")
    left = len(journal.unsettled())
    unknown = sum(outcome.word == "unknown" for outcome in outcomes)
    under_way = f", {left - unknown} under way" if left > unknown else ""
    click.echo(
        f"{len(outcomes)} looked at, {unknown} still unknown{under_way}" if outcomes or left else "nothing to settle"
    )
    if left:
        raise SystemExit(4)


def _journal(context: Context) -> Journal:
    from services.actions.journal import Journal

    return Journal.of(context.profile())


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _line(entry: AuditEntry) -> str:
    rows = "?" if entry.rows is None else entry.rows
    why = f" · {entry.reason}" if entry.reason else ""
    why += f" · {entry.summary}" if entry.outcome != "done" and entry.summary else ""
    which = f": {', '.join(entry.ids[:SHOWN])}" if entry.ids else ""
    which += " …" if len(entry.ids) > SHOWN else ""
    return f"{_when(entry.at)}  {entry.id}  {entry.actor}  {entry.action}  {entry.outcome}  {rows} rows{which}{why}"


def _harmless(cell: object) -> object:
    """A spreadsheet must not take a reason for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
