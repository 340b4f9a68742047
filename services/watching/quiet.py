"""Who wants to hear nothing of what, and until when: silences that somebody laid, and the profile's maintenance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.alerts import Alert, Labels, Silenced, key
from services.metrics.match import matcher
from services.silence import Match, Silence
from services.watching.hours import spell

if TYPE_CHECKING:
    from services.profile.maintenance import Maintenance

FIELDS = ("key", "rule", "source", "severity", "level")


@dataclass(frozen=True, slots=True)
class Spell:
    """A silence or a maintenance window that is in force now."""

    silenced: Silenced
    match: Match


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
                yield Spell(said, silence.match)

    def _windows(self, wall: float) -> Iterator[Spell]:
        for name, window in self.maintenance.items():
            if found := spell(window, wall):
                begin, end = found
                day = datetime.fromtimestamp(begin, UTC).strftime("%Y-%m-%d %H:%M UTC")
                said = Silenced(f"maintenance {name}", end, begin, window.title, f"maintenance {name} of {day}")
                yield Spell(said, tuple(window.match.items()))


LOUD = Quiet()


def silenced(alert: Alert, spells: tuple[Spell, ...]) -> Silenced | None:
    """What keeps this alert quiet: of several the one that lasts longest."""
    if not spells:
        return None
    a = alert
    fitting = (s.silenced for s in spells if _fits(s.match, a.labels, a.rule, a.source, a.severity, a.level))
    return max(fitting, key=_end, default=None)


def _end(said: Silenced) -> float:
    return float("inf") if said.until is None else said.until


@lru_cache(maxsize=4096)
def _fits(match: Match, labels: Labels, *fields: str) -> bool:
    """A rule's own labels cannot take the place of a field."""
    rule, *_ = fields
    said = (*labels, *zip(FIELDS, (key(rule, labels), *fields), strict=True))
    return _matcher(match)(said)


@lru_cache(maxsize=256)
def _matcher(match: Match) -> Callable[[Labels], bool]:
    return matcher(dict(match))
