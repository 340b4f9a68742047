"""An incident is opened: from an alert, which it is about from then on, or by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.readings import HealthValues
from services.records.incident_events import ACKNOWLEDGED, ATTACHED, KIND
from services.records.kinds import incident_id
from tui.recording import link
from tui.recording.asked import line, one_of, some
from widgets.alerts import titled

if TYPE_CHECKING:
    from services.alerts import Alert
    from tui.app import Watchdeck

NEW = "new"


async def from_alert(app: Watchdeck, alert: Alert) -> None:
    """Its incident, where it has one; else one of those under way that it is part of; else a new one."""
    book = app.book
    known = next((one for one in book.under_way if any(alert.key == of.key for of in one.alerts)), None)
    if known is None and book.under_way:
        chosen = await _which(app, alert)
        if chosen is None:
            app.say("no incident was opened")
            return
        if chosen != NEW:
            await attach(app, chosen, alert)
            known = book.incident(chosen)
    if known:
        app.record(known.id)
    else:
        await by_hand(app, alert)


async def _which(app: Watchdeck, alert: Alert) -> str | None:
    under_way = app.book.under_way
    named = ", ".join(f"{one.id} {one.title}" for one in under_way[:3])
    known = [*(one.id for one in under_way), NEW]
    return await line(app, f"{titled(alert)}: part of {named}? or {NEW}", known[0], one_of(known), known)


async def by_hand(app: Watchdeck, alert: Alert | None = None) -> None:
    """Its severity and its title are asked for, and proposed as far as an alert tells them."""
    words = app.deck.profile.severities
    proposed = alert.severity if alert and alert.severity in words else ""
    severity = await line(app, f"how bad is it? {' '.join(words)}", proposed, one_of(words), words)
    title = (
        await line(app, "what is wrong, in a few words?", titled(alert) if alert else "", some) if severity else None
    )
    if not severity or not title:
        app.say("no incident was opened")
        return
    made = await app.book.open(KIND, incident_id(app.deck.profile), title, severity=severity, versions=versions(app))
    if alert:
        await attach(app, made, alert)
    if found := app.book.incident(made):
        await link.incident_opened(app, found)
    app.record(made)
    app.say(f"{made} is open: a takes it in hand, n notes, v turns the page", "good")


async def attach(app: Watchdeck, record: str, alert: Alert) -> None:
    """Who has the alert in hand has the incident in hand."""
    since = alert.fired_at if alert.fired_at is not None else app.clock.wall()
    await app.book.append(record, ATTACHED, alert=alert.key, title=titled(alert), since=since)
    found = app.book.incident(record)
    if alert.acknowledged and found and found.acknowledged is None:
        await app.book.append(record, ACKNOWLEDGED, text=f"{alert.acknowledged.by} has the alert in hand")


def versions(app: Watchdeck) -> dict[str, str]:
    """What the version endpoints say now, endpoint by endpoint."""
    found: dict[str, str] = {}
    for name in app.deck.profile.of_kind("http"):
        state = app.deck.snapshot.get(name)
        values = state.good.values if state and state.good else None
        if isinstance(values, HealthValues):
            found |= {f"{name} {check.path}": check.version for check in values.checks if check.version}
    return found
