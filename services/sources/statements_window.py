"""A window over counters per statement: what each poll adds to them, as long as it is in the window."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from operator import attrgetter
from typing import TypeAlias

from services.database import Row
from services.readings import NO_DATA_YET, Estimate, Figure, StatementFigures, StatementsValues, Unknown

TOP = 20
_CHURN = Unknown(
    "not recorded",
    "pg_stat_statements throws entries out between any two polls: raise pg_stat_statements.max, or poll it more often",
)


@dataclass(slots=True)
class _Sum:
    calls: int = 0
    ms: float = 0.0
    rows: int = 0
    slow: int = 0  # of the calls, those in polls whose mean was slow

    def add(self, other: _Sum, sign: int = 1) -> None:
        self.calls += sign * other.calls
        self.ms += sign * other.ms
        self.rows += sign * other.rows
        self.slow += sign * other.slow


@dataclass(slots=True)
class _Step:
    """What was added between two polls."""

    at: float
    took_s: float
    by_id: dict[int, _Sum] = field(default_factory=dict)


_ORDERS: tuple[Callable[[_Sum], float], ...] = (
    lambda one: one.ms,
    lambda one: one.ms / one.calls,
    lambda one: one.calls,
)
_Base: TypeAlias = tuple[float, object, dict[int, _Sum]]  # clock, since, counters


class Window:
    """Seconds are the database's."""

    def __init__(self, window_s: float, slow_s: float) -> None:
        self._window_s = window_s
        self._slow_s = slow_s
        self._base: _Base | None = None
        self._steps: deque[_Step] = deque()
        self._total: dict[int, _Sum] = {}
        self._restarts = 0  # in a row

    def forget(self) -> None:
        self._base = None
        self._steps.clear()
        self._total = {}

    def saw(self, clock: float, since: object, rows: Sequence[Row]) -> None:
        """The counters as they are. `since` is whatever changes when they have begun anew, all or some."""
        now = {row["id"]: _Sum(row["calls"], row["ms"], row["rows"]) for row in rows}
        base, self._base = self._base, (clock, since, now)
        if base is not None and not self._begun_anew(base, clock, since, now):
            self._restarts = 0
            self._steps.append(_Step(clock, clock - base[0], dict(self._grown(base[2], now))))
            self._count(self._steps[-1], +1)
        elif base is not None:
            self._restarts += 1
        while self._steps and self._steps[0].at <= clock - self._window_s:
            self._count(self._steps.popleft(), -1)

    def _count(self, step: _Step, sign: int) -> None:
        for id_, grown in step.by_id.items():
            total = self._total.setdefault(id_, _Sum())
            total.add(grown, sign)
            if not total.calls:
                del self._total[id_]

    @staticmethod
    def _begun_anew(base: _Base, clock: float, since: object, now: Mapping[int, _Sum]) -> bool:
        """An entry that is gone or counts less was thrown out; before version 14 nothing else tells of that."""
        gone = any(id_ not in now or now[id_].calls < before.calls for id_, before in base[2].items())
        return since != base[1] or gone or clock <= base[0]

    def _grown(self, before: Mapping[int, _Sum], now: Mapping[int, _Sum]) -> Iterable[tuple[int, _Sum]]:
        for id_, after in now.items():
            was = before.get(id_) or _Sum()
            if calls := after.calls - was.calls:
                ms = max(0.0, after.ms - was.ms)
                slow = calls if ms / calls > 1000 * self._slow_s else 0
                yield id_, _Sum(calls, ms, max(0, after.rows - was.rows), slow)

    # ---- what is told of it

    def unread(self, texts: Mapping[int, str]) -> list[int]:
        """Statements that will be told of, and whose text is not known."""
        return [id_ for id_ in self._top() if id_ not in texts]

    def values(self, texts: Mapping[int, str]) -> StatementsValues:
        if not self._steps:
            return self.unknown(_CHURN if self._restarts > 1 else NO_DATA_YET)
        covered = sum(step.took_s for step in self._steps)
        every = _Sum()
        for one in self._total.values():
            every.add(one)
        top = (_figures(id_, self._total[id_], texts.get(id_, ""), every.ms) for id_ in self._top())
        return StatementsValues(
            window_s=self._window_s,
            covered_s=covered,
            slow_s=self._slow_s,
            top=tuple(sorted(top, key=attrgetter("time_s"), reverse=True)),
            slow_count=Estimate(every.slow),
            slow_per_minute=Estimate(60 * every.slow / covered),
            calls_per_s=every.calls / covered,
            mean_s=every.ms / every.calls / 1000 if every.calls else NO_DATA_YET,
            time_share=every.ms / 1000 / covered,
        )

    def unknown(self, why: Unknown) -> StatementsValues:
        figures: dict[str, Figure] = dict.fromkeys(
            ("slow_count", "slow_per_minute", "calls_per_s", "mean_s", "time_share"), why
        )
        return StatementsValues(self._window_s, 0.0, self._slow_s, why, **figures)

    def _top(self) -> dict[int, None]:
        """The first by time, by mean and by calls."""
        found: dict[int, None] = {}
        for order in _ORDERS:
            weights = {id_: order(one) for id_, one in self._total.items()}
            found |= dict.fromkeys(nlargest(TOP, weights, key=weights.__getitem__))
        return found


def _figures(id_: int, one: _Sum, text: str, every_ms: float) -> StatementFigures:
    return StatementFigures(
        id=str(id_),
        query=text,
        calls=one.calls,
        time_s=one.ms / 1000,
        mean_s=one.ms / one.calls / 1000,
        rows=one.rows,
        share=one.ms / every_ms if every_ms else 0.0,
    )
