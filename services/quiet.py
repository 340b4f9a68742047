"""Who wants to hear nothing of what, and until when: silences that somebody laid, and the profile's maintenance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.alerts import Alert, Silenced
from services.hours import spell
from services.metrics.match import matcher

if TYPE_CHECKING:
    from services.profile.maintenance import Maintenance

FIELDS = ("key", "rule", "source", "severity", "level")
Match = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts that fulfil every condition of `match` are judged as ever, and not told before it ends."""

    id: str
    match: Match  # (field or label, condition): conditions are as in rules, "SEV3", "~SEV[34]", "!mre"
    at: float  # unix seconds
    until: float | None  # None: until somebody lifts it
    by: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """A silence or a maintenance window that is in force now."""

    silenced: Silenced
    fits: Callable[[tuple[tuple[str, str], ...]], bool]


@dataclass(frozen=True, slots=True)
class Quiet:
    """What people and the profile said about being told."""

    silences: Mapping[str, Silence] = field(default_factory=lambda: MappingProxyType({}))
    maintenance: Mapping[str, Maintenance] = field(default_factory=lambda: MappingProxyType({}))

    def now(self, wall: float) -> tuple[Spell, ...]:
        return (*self._silences(wall), *self._windows(wall))

    def _silences(self, wall: float) -> Iterator[Spell]:
        for silence in self.silences.values():
            if silence.until is None or wall < silence.until:
                name, by = f"silence {silence.id}", f"silence {silence.id} by {silence.by}"
                said = Silenced(by, silence.until, silence.at, silence.comment, name)
                yield Spell(said, _matcher(silence.match))

    def _windows(self, wall: float) -> Iterator[Spell]:
        for name, window in self.maintenance.items():
            if found := spell(window, wall):
                begin, end = found
                day = datetime.fromtimestamp(begin, UTC).strftime("%Y-%m-%d %H:%M UTC")
                said = Silenced(f"maintenance {name}", end, begin, window.title, f"maintenance {name} of {day}")
                yield Spell(said, _matcher(tuple(window.match.items())))


LOUD = Quiet()


def silenced(alert: Alert, spells: tuple[Spell, ...]) -> Spell | None:
    """The spell that keeps this alert quiet: of several the one that lasts longest."""
    if not spells:
        return None
    said = labels(alert)
    fitting = [found for found in spells if found.fits(said)]
    return max(fitting, key=_end, default=None)


def labels(alert: Alert) -> tuple[tuple[str, str], ...]:
    """What conditions are held against. A rule's own labels cannot take the place of a field."""
    return (*alert.labels, *((name, str(getattr(alert, name))) for name in FIELDS))


def _end(found: Spell) -> float:
    return float("inf") if found.silenced.until is None else found.silenced.until


@lru_cache(maxsize=256)
def _matcher(match: Match) -> Callable[[tuple[tuple[str, str], ...]], bool]:
    return matcher(dict(match))
