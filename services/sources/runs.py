"""Processing runs: what is live, how the finished ones ended, and how long until they were usable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.database import Database
from services.profile import RunsSource as Spec
from services.queues import expressions as sql
from services.queues import runs as queries
from services.queues import tables
from services.queues.mapping import Mapping, Runs
from services.queues.runs_window import RunsWindow
from services.readings import AtLeast, Ending, Figure, Run, RunsValues
from services.sources import Parts
from services.sources.on_queue import OnQueue
from services.text import safe

OVERLAP_S = 30.0  # read again at every poll: what was still being committed at the last one
LOOK_BACK_EVERY_S = 600.0  # the whole window again: long transactions, and runs published after they finished


class RunsSource(OnQueue):
    """Polls what is new, into a window kept here; one look back fills it at the start, and again now and then."""

    def __init__(self, name: str, spec: Spec, mapping: Mapping, db: Database) -> None:
        super().__init__(name, spec, mapping, db)
        self._window_s = spec.window
        self._window: RunsWindow | None = None
        self._polled_at: float | None = None  # by the database's clock, like all of these
        self._looked_back_at = 0.0

    async def fetch(self) -> RunsValues:
        of = tables.runs(self._mapping, self._queue)
        self._window = window = self._window or RunsWindow(of, self._window_s)
        zone, since = self._mapping.source.naive_tz, self._since()
        live, finished, newest = await self._db.batch(
            [
                (queries.live_query(of), {}),
                (queries.finished_query(of, zone), {"since": since, "window": self._window_s}),
                (queries.newest_query(of, zone), {}),
            ],
            timeout=self.timeout_s,
        )
        now = float(live[0]["now"])
        self._polled_at = now
        self._looked_back_at = self._looked_back_at if since else now
        window.absorb(sql.named(finished), now)
        return RunsValues(
            by_status=(*_live(live), *window.by_status()),
            window_s=self._window_s,
            partial_share=window.share(of.partial),
            failed_share=window.share(of.failed),
            publish_success=window.publish_success(),
            usable=window.usable(),
            recent=tuple(map(_run, sql.named(newest))),
            endings=tuple(_endings(of)),
        )

    def _since(self) -> float:
        """From when on finished runs are asked for; 0 is the whole window."""
        if self._polled_at is None or self._polled_at - self._looked_back_at >= LOOK_BACK_EVERY_S:
            return 0.0
        return self._polled_at - OVERLAP_S


def make(name: str, spec: Spec, parts: Parts) -> RunsSource:
    return RunsSource(name, spec, parts.mapping(spec.queue), parts.database_of(spec.queue))


def _endings(of: Runs) -> Iterator[tuple[str, Ending]]:
    yield from ((safe(status), "live") for status in of.live)
    for status in of.finished:
        ended: Ending = "partial" if status in of.partial else "failed" if status in of.failed else "succeeded"
        yield safe(status), "cancelled" if status in of.cancelled else ended


def _live(rows: list[dict[str, Any]]) -> tuple[tuple[str, Figure], ...]:
    cap = queries.CAP
    return tuple((safe(row["status"]), AtLeast(cap) if row["count"] > cap else row["count"]) for row in rows)


def _run(row: dict[str, Any]) -> Run:
    texts = {name: safe(row[name]) for name in ("id", "session", "owner", "status", "size_class", "reprocess_of")}
    times = {name: row[name] for name in ("created_at", "usable_s", "finished_at")}
    fields: dict[str, Any] = {**texts, **times}
    return Run(**fields)
