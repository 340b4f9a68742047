"""What has ended since the last poll, newest first and page by page: after a long absence too."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.database import Row, Statement
from services.queues.questions import PAGE, span

OVERLAP_S = 10.0  # a row is stamped when its transaction begins and seen when it ends
DEEP_OVERLAP_S = 120.0  # once in a while, for the transactions that took longer


@dataclass(frozen=True, slots=True)
class _Hole:
    """What was not read yet: older than the row `before`, later than `since` (None: all of the window)."""

    since: float | None
    before: Row


class Feed:
    """`first` is the statement that goes along with every poll, `take` its answer, `more` the pages behind it."""

    def __init__(self, sql: str, window_s: float, absorb: Callable[[list[Row], float], bool]) -> None:
        self._sql = sql
        self._window_s = window_s
        self._absorb = absorb  # says whether there is room for older rows
        self._covered: float | None = None  # everything that ended before this was read, but for the hole
        self._hole: _Hole | None = None
        self._since: float | None = None

    def first(self, deep: bool) -> Statement:
        overlap = DEEP_OVERLAP_S if deep else OVERLAP_S
        self._since = None if self._covered is None else self._covered - overlap
        return self._sql, span(self._window_s, self._since)

    def take(self, rows: list[Row], now: float) -> None:
        room = self._absorb(rows, now)
        if len(rows) == PAGE and room:
            whole = self._since is None or (self._hole is not None and self._hole.since is None)
            self._hole = _Hole(None if whole else self._since, rows[-1])
        self._covered = now

    async def more(self, ask: Callable[[Statement], Awaitable[list[Row]]], in_time: Callable[[], bool]) -> None:
        """Goes on where the last page ended, as long as there is time and room; the rest is left for the next poll."""
        while self._hole is not None and self._covered is not None and in_time():
            rows = await ask((self._sql, span(self._window_s, self._hole.since, self._hole.before)))
            room = self._absorb(rows, self._covered)
            self._hole = _Hole(self._hole.since, rows[-1]) if len(rows) == PAGE and room else None

    def filled_s(self, now: float) -> float:
        """How much of the window has been read without a gap, back from now."""
        if self._covered is None:
            return 0.0
        return self._window_s if self._hole is None else min(self._window_s, now - float(self._hole.before["at"]))
