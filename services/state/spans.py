"""Figures by the minute on their way to the file, from which it makes hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.state.schema import HOURS
from services.state.writer import Write

MINUTE_S, HOUR_S = 60, 3600

_SERIES = "INSERT OR IGNORE INTO series (source, path) VALUES (?, ?)"
_MINUTE = """
INSERT INTO minutes SELECT id, ?, ?, ? FROM series WHERE source = ? AND path = ?
ON CONFLICT (series, at) DO UPDATE SET mean = coalesce(excluded.mean, mean), spell = max(spell, excluded.spell)
"""


@dataclass
class _Open:
    """A figure in the minute that has not ended."""

    total: float = 0.0
    count: int = 0
    spell: bool = False  # something fired or was worked on

    @property
    def mean(self) -> float | None:
        return self.total / self.count if self.count else None


@dataclass
class Spans:
    """Fed with what is recorded of each reading; gives what there is to be written when a minute has ended."""

    minute: int = 0  # unix seconds
    _open: dict[tuple[str, str], _Open] = field(default_factory=dict)

    def take(self, source: str, figures: Mapping[str, float | None], at: float, spell: bool) -> tuple[Write, ...]:
        minute = int(at // MINUTE_S) * MINUTE_S
        ended = self.end() if minute != self.minute else ()
        hours = self._hours(minute)
        self.minute = minute
        for path, value in figures.items():
            open_ = self._open.setdefault((source, path), _Open())
            open_.spell |= spell
            if value is not None:
                open_.total += value
                open_.count += 1
        return (*ended, *hours)

    def end(self) -> tuple[Write, ...]:
        """The minute, as far as it was seen."""
        if not self._open:
            return ()
        of, self._open = self._open, {}
        minutes = [(self.minute, one.mean, int(one.spell), *names) for names, one in of.items()]
        return Write(_SERIES, list(of)), Write(_MINUTE, minutes)

    def _hours(self, minute: int) -> tuple[Write, ...]:
        """When an hour has ended: the hours of the last day, so that those during which nobody looked are there too."""
        if minute // HOUR_S == self.minute // HOUR_S:
            return ()
        end = minute // HOUR_S * HOUR_S
        return (Write(HOURS, [(end - 24 * HOUR_S, end)]),)
