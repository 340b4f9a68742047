"""What ended in a queue's window, as the console remembers it: fed with what is new, figures at any time.

Points in time are the database's. Memory is bounded: beyond MOST entries the oldest are let go, and what is told of
the window is then of its newest part, as estimates.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from services.queues.ordered import Ordered

MOST = 50_000


class Ended(NamedTuple):
    """One job's end. The heap orders by the time of the end; id and time together are what tells two ends apart."""

    at: float
    id: str
    type: str
    state: str
    wait_s: float | None
    duration_s: float | None
    error_code: str = ""


class Try(NamedTuple):
    """One attempt's end."""

    at: float
    id: str  # of the job, and the attempt
    type: str
    failed: bool
    retried: bool
    error_code: str = ""


Entry = TypeVar("Entry", Ended, Try)


class Kept(Generic[Entry]):
    """The entries of the window, each once, however often it is fed."""

    def __init__(self, window_s: float, most: int = MOST) -> None:
        self._window_s = window_s
        self._most = most
        self._heap: list[Entry] = []
        self._known: set[tuple[str, float]] = set()
        self.cut_at = 0.0  # entries at or before this were let go for want of room

    def __len__(self) -> int:
        return len(self._heap)

    def cut(self, now: float) -> bool:
        """Part of the window is missing, because there was more than there is room for."""
        return self.cut_at > now - self._window_s

    @property
    def full(self) -> bool:
        return len(self._heap) >= self._most

    def feed(self, entries: Iterable[Entry], now: float) -> tuple[list[Entry], list[Entry]]:
        """Takes entries in, in any order; returns which are new and which have left."""
        edge = max(now - self._window_s, self.cut_at)
        fresh: list[Entry] = []
        for entry in entries:
            key = (entry.id, entry.at)
            if entry.at > edge and key not in self._known:
                self._known.add(key)
                heapq.heappush(self._heap, entry)
                fresh.append(entry)
        return fresh, self._leave(edge)

    def _leave(self, edge: float) -> list[Entry]:
        gone: list[Entry] = []
        while self._heap and (self._heap[0].at <= edge or len(self._heap) > self._most):
            entry = heapq.heappop(self._heap)
            self._known.discard((entry.id, entry.at))
            if entry.at > edge:
                self.cut_at = entry.at
            gone.append(entry)
        return gone


@dataclass(slots=True)
class Tally:
    """The ends of one job type, or of all."""

    ended: int = 0
    failed: int = 0
    waits: Ordered = field(default_factory=Ordered)
    durations: Ordered = field(default_factory=Ordered)

    def move(self, entries: list[Ended], sign: int) -> None:
        self.ended += sign * len(entries)
        self.failed += sign * sum(entry.state == "failed" for entry in entries)
        waits = [entry.wait_s for entry in entries if entry.wait_s is not None]
        durations = [entry.duration_s for entry in entries if entry.duration_s is not None]
        if sign > 0:
            self.waits.add(waits)
            self.durations.add(durations)
        else:
            self.waits.drop(waits)
            self.durations.drop(durations)


class JobsWindow:
    """The jobs that ended: per type and over all, and how many in each minute."""

    def __init__(self, window_s: float, most: int = MOST) -> None:
        self.kept: Kept[Ended] = Kept(window_s, most)
        self.all = Tally()
        self.types: defaultdict[str, Tally] = defaultdict(Tally)
        self.minutes: Counter[int] = Counter()
        self.errors = Groups()

    def feed(self, entries: Iterable[Ended], now: float) -> None:
        fresh, gone = self.kept.feed(entries, now)
        for moved, sign in ((fresh, 1), (gone, -1)):
            self.all.move(moved, sign)
            for type_, of_type in _by_type(moved).items():
                self.types[type_].move(of_type, sign)
            for entry in moved:
                self.minutes[int(entry.at // 60)] += sign
                if entry.state == "failed":
                    self.errors.move(entry.error_code, entry.type, entry.at, sign)
        self.minutes = +self.minutes  # drops the minutes that are empty now


class TriesWindow:
    """The attempts that ended: what share was retried, and the errors by code and type."""

    def __init__(self, window_s: float, most: int = MOST) -> None:
        self.kept: Kept[Try] = Kept(window_s, most)
        self.ended: Counter[str] = Counter()
        self.retried: Counter[str] = Counter()
        self.errors = Groups()

    def feed(self, entries: Iterable[Try], now: float) -> None:
        fresh, gone = self.kept.feed(entries, now)
        for moved, sign in ((fresh, 1), (gone, -1)):
            for entry in moved:
                self.ended[entry.type] += sign
                self.retried[entry.type] += sign * entry.retried
                if entry.failed:
                    self.errors.move(entry.error_code, entry.type, entry.at, sign)


class Groups:
    """Errors by code and type: how many in each minute, and the last one's time and message."""

    def __init__(self) -> None:
        self.minutes: dict[tuple[str, str], Counter[int]] = {}
        self.last: dict[tuple[str, str], tuple[float, str]] = {}

    def move(self, code: str, type_: str, at: float, sign: int) -> None:
        key = (code, type_)
        minutes = self.minutes.setdefault(key, Counter())
        minutes[int(at // 60)] += sign
        if not any(minutes.values()):
            del self.minutes[key]
            self.last.pop(key, None)

    def say(self, code: str, type_: str, at: float, message: str) -> None:
        """The message that came with an error; the latest is kept."""
        if (code, type_) in self.minutes and at >= self.last.get((code, type_), (0.0, ""))[0]:
            self.last[(code, type_)] = (at, message)


def _by_type(entries: list[Ended]) -> dict[str, list[Ended]]:
    sorted_: dict[str, list[Ended]] = {}
    for entry in entries:
        sorted_.setdefault(entry.type, []).append(entry)
    return sorted_
