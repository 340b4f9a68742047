"""`watchdeck records`: drills, launches, windows, handovers and reports, listed and handed on."""

from __future__ import annotations

import dataclasses
import json
import time

import click

from tui.cli.context import Context, pass_context, profile_option


@click.group(epilog="\b\nExample:\n  watchdeck --profile mre records list")
@profile_option
def command() -> None:
    """Read and export what was recorded beside incidents and checklists."""


@command.command("list", epilog="\b\nExample:\n  watchdeck --profile mre records list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
@profile_option
@pass_context
def list_(context: Context, as_json: bool) -> None:
    """Every record: the open ones first, then the newest."""
    from services.records import listing
    from services.records.markdown import moment
    from services.records.store import Records

    profile = context.profile()
    there = listing.listed(profile, listing.read(Records.of(profile)), time.time())
    if not there and not as_json:
        click.echo("nothing was recorded here", err=True)
    for one in there:
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(one)))
            continue
        more = "  ".join(filter(None, (one.about, one.loud)))
        click.echo(f"{one.id}  {moment(one.at)}  {one.of}  {one.state}  {one.title}  {more}".rstrip())


@command.command(epilog="\b\nExample:\n  watchdeck --profile mre records export form-91c2d0 > launch.md")
@click.argument("id")
@profile_option
@pass_context
def export(context: Context, id: str) -> None:
    """One record as Markdown."""
    from services.records import listing
    from services.records.store import Records

    profile = context.profile()
    click.echo(listing.exported(profile, Records.of(profile), id), nl=False)
