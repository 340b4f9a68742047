"""The runs of the last day or so as the console remembers them, and the shares and percentiles over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from services.quantile import quantile
from services.queues.mapping import Runs
from services.queues.runs import MOST
from services.readings import NOT_RECORDED, AtLeast, Estimate, Figure, Unknown, UsableTime
from services.text import safe

NONE_FINISHED = Unknown("no data yet", "no run finished in the window")


class _Seen(NamedTuple):
    status: str
    size_class: str
    finished_at: float | None
    usable_at: float | None
    usable_s: float | None
    published: bool


class RunsWindow:
    """Fed with rows in any order and more than once: the last word about a run counts."""

    def __init__(self, of: Runs, window_s: float) -> None:
        self._of = of
        self._window_s = window_s
        self._since = 0.0
        self._runs: dict[str, _Seen] = {}
        self._cut = False  # more runs than are kept: figures are of the newest only, and say so

    def absorb(self, rows: Iterable[Mapping[str, Any]], now: float) -> None:
        """Takes new rows in and lets go of what has left the window, and of the oldest when there are too many."""
        for row in rows:
            self._runs[row["id"]] = _Seen(
                safe(row["status"]),
                safe(row["size_class"]) or "all",
                row["finished_at"],
                row["usable_at"],
                row["usable_s"],
                bool(row["published"]),
            )
        self._since = now - self._window_s
        kept = {id_: run for id_, run in self._runs.items() if _last(run) > self._since}
        self._cut = len(kept) > MOST
        if self._cut:
            kept = dict(sorted(kept.items(), key=lambda item: _last(item[1]))[-MOST:])
        self._runs = kept

    def by_status(self) -> tuple[tuple[str, Figure], ...]:
        counts = Counter(run.status for run in self._finished())
        return tuple((name, AtLeast(counts[name]) if self._cut else counts[name]) for name in self._of.finished)

    def share(self, statuses: Iterable[str]) -> Figure:
        """The share of these statuses among the runs that finished."""
        statuses = frozenset(statuses)
        return self._ratio(run.status in statuses for run in self._finished())

    def publish_success(self) -> Figure:
        """The share that was published among the runs that finished and were not cancelled."""
        if self._of.published_at is None:
            return NOT_RECORDED
        return self._ratio(run.published for run in self._finished() if run.status not in self._of.cancelled)

    def usable(self) -> tuple[UsableTime, ...]:
        """Time to usable of the runs that became usable in the window, by size class."""
        if self._of.usable_at is None:
            return (UsableTime("all", 0, NOT_RECORDED, NOT_RECORDED),)
        classes: dict[str, list[float]] = {}
        for run in self._runs.values():
            if run.usable_s is not None and (run.usable_at or 0.0) > self._since:
                classes.setdefault(run.size_class, []).append(run.usable_s)
        return tuple(_usable_time(name, sorted(times)) for name, times in sorted(classes.items()))

    def _finished(self) -> list[_Seen]:
        return [run for run in self._runs.values() if run.finished_at is not None]

    def _ratio(self, hits: Iterable[bool]) -> Figure:
        told = list(hits)
        if not told:
            return NONE_FINISHED
        ratio = sum(told) / len(told)
        return Estimate(ratio) if self._cut else ratio


def _last(run: _Seen) -> float:
    """When the run was last heard of: its end, or for a live one when it became usable."""
    return run.finished_at or run.usable_at or 0.0


def _usable_time(size_class: str, times: list[float]) -> UsableTime:
    return UsableTime(size_class, len(times), quantile(times, 0.5), quantile(times, 0.95))
