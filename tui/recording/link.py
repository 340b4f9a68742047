"""Which procedure is carried out for which incident: that is known when the one begins while the other is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.records.incident_events import LINKED
from tui.recording.asked import line, one_of

if TYPE_CHECKING:
    from services.profile import Profile
    from services.records.incident import Incident
    from tui.app import Watchdeck

NONE = "none"


def is_response(profile: Profile, procedure: str) -> bool:
    """Playbooks are for incidents, those checklists that say of which severity, and the one that goes with each."""
    found = profile.procedures.get(procedure)
    if found is None:
        return False
    with_each = {record.checklist for record in profile.records.values() if record.kind == "incident"}
    return procedure in profile.playbooks or bool(found.severity) or procedure in with_each


async def run_begun(app: Watchdeck, run: str, procedure: str) -> str:
    """The incident that this new run is for; "" for none. Of several it is asked."""
    under_way = app.book.under_way
    if not under_way or not is_response(app.deck.profile, procedure):
        return ""
    chosen: str | None = under_way[0].id
    if under_way[1:]:
        known = [*(one.id for one in under_way), NONE]
        named = ", ".join(f"{one.id} {one.title}" for one in under_way[:3])
        chosen = await line(app, f"carried out for {named}? or {NONE}", known[0], one_of(known), known)
    if chosen is None or chosen == NONE:
        return ""
    await app.book.append(chosen, LINKED, run=run, title=app.deck.profile.procedures[procedure].title)
    return chosen


async def incident_opened(app: Watchdeck, it: Incident) -> None:
    """What was begun since its alert fired is for it; and what is played here, which was begun before that."""
    await app.paperwork.read()
    for run in app.paperwork.kept.runs:
        since = run.at >= it.began_at or run.id == app.paperwork.drill
        if since and not run.ended and is_response(app.deck.profile, run.of):
            await app.book.append(it.id, LINKED, run=run.id, title=run.title)
