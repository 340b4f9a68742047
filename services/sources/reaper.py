"""What the reaper has done lately: its newest passes, with what each released."""

from __future__ import annotations

from typing import Any

from services.profile import ReaperSource as Spec
from services.queues import expressions as sql
from services.queues import tables
from services.queues.mapping import Reaper
from services.readings import ReaperRun, ReaperValues
from services.sources import Parts
from services.sources.on_queue import OnQueue
from services.text import safe

NEWEST = 50


class ReaperSource(OnQueue):
    async def fetch(self) -> ReaperValues:
        query = _query(tables.reaper(self._mapping, self._queue), self._mapping.source.naive_tz)
        rows = await self._db.rows(query, {}, timeout=self.timeout_s)
        return ReaperValues(tuple(map(_run, sql.named(rows))))


def make(name: str, spec: Spec, parts: Parts) -> ReaperSource:
    return ReaperSource(name, spec, parts.mapping(spec.queue), parts.database_of(spec.queue))


def _query(of: Reaper, zone: str) -> str:
    outputs = sql.select(
        kind=sql.text(of.kind),
        started_at=sql.epoch(of.started_at, zone),
        finished_at=sql.epoch(of.finished_at, zone),
        released=sql.number(of.released),
        error=sql.text(of.error, 500),
        actor=sql.text(of.actor),
    )
    newest = f"ORDER BY {sql.plain(of.started_at)} DESC, {sql.plain(of.id)} DESC LIMIT {NEWEST}"
    return f"{outputs} FROM {sql.plain(of.table)} {newest}"


def _run(row: dict[str, Any]) -> ReaperRun:
    released = row["released"]
    return ReaperRun(
        kind=safe(row["kind"]),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        released=None if released is None else int(released),
        error=safe(row["error"]),
        actor=safe(row["actor"]),
    )
