"""The end of a drill: its score sheet, and its record written where it outlives the demo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from services.actions.entries import entries
from services.actions.identity import whoami
from services.actions.journal import Journal
from services.procedures.plain import of_run
from services.procedures.running import Running
from services.procedures.score import score, sheet
from services.profile import load
from services.records.run import KIND, folded
from services.records.run_text import markdown
from services.records.store import Records
from tui.export import written


def closed(path: str) -> Iterator[str]:
    """What the run of the drill comes to. One that was left is abandoned: its demo is gone."""
    profile = load(Path(path))
    records = Records.of(profile)
    played = next((run for run in map(folded, records.all(KIND).values()) if run.drill), None)
    if played is None:
        yield "the drill did not begin: there is nothing to score"
        return
    if not played.ended:
        Running(profile, records, str(whoami()), time.time).abandon(played.id, "the console was left")
    run = folded(records.events(played.id))
    found = list(sheet(score(profile, run, entries(Journal.of(profile)))))
    yield from found
    text = markdown(run) + "\n".join(("", "## Score", "", *(f"    {line}" for line in found), ""))
    yield f"  {'its record':<27}{written(run.id, text, of_run(run))}"
