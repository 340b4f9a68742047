"""What happened while nobody was to be told: it is told at the end, also what is over again by then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from services.alerts import Alert, Alerts
from services.watching.quiet import Spell


@dataclass(frozen=True, slots=True)
class News:
    """One episode that began or went on in silence."""

    episode: str
    title: str
    severity: str
    fired_at: float  # unix seconds
    ended_at: float | None = None


Kept = Mapping[str, tuple[News, ...]]  # by the spell that kept it quiet
NOTHING: Kept = MappingProxyType({})


def noted(kept: Kept, alerts: Alerts, wall: float) -> Kept:
    """With what is active in silence now, and with the ends of what is not active any more."""
    active = {alert.episode for alert in alerts if alert.active}
    found = {spell: tuple(_ended(news, active, wall) for news in of) for spell, of in kept.items()}
    for alert in alerts:
        if alert.silenced and alert.active:
            of = found.get(alert.silenced.spell, ())
            if all(news.episode != alert.episode for news in of):
                found[alert.silenced.spell] = (*of, _news(alert))
    return kept if found == kept else MappingProxyType(found)


def over(kept: Kept, spells: tuple[Spell, ...]) -> Iterator[tuple[str, tuple[News, ...]]]:
    """The spells that have ended, and their news."""
    in_force = {spell.silenced.spell for spell in spells}
    return ((spell, news) for spell, news in kept.items() if spell not in in_force)


def _news(alert: Alert) -> News:
    return News(alert.episode, alert.title, alert.severity, alert.fired_at or alert.since)


def _ended(news: News, active: set[str], wall: float) -> News:
    return news if news.ended_at is not None or news.episode in active else replace(news, ended_at=wall)
