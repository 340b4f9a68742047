"""Feature flags, and what each of them does to a job type."""

from __future__ import annotations

import re
from typing import Any

from services.profile import FlagsSource as Spec
from services.queues import expressions as sql
from services.queues import tables
from services.queues.mapping import Flags
from services.readings import Flag, FlagsValues
from services.sources import Parts
from services.sources.on_queue import OnQueue
from services.text import safe

MOST = 1000


class FlagsSource(OnQueue):
    """The whole table every time: it is small, and a flag that was switched must be seen at once."""

    async def fetch(self) -> FlagsValues:
        table = tables.flags(self._mapping, self._queue)
        query = _query(table, self._mapping.source.naive_tz)
        rows = await self._db.rows(query, {}, timeout=self.timeout_s)
        return FlagsValues(tuple(_flag(row, table) for row in sql.named(rows)))


def make(name: str, spec: Spec, parts: Parts) -> FlagsSource:
    return FlagsSource(name, spec, parts.mapping(spec.queue), parts.database_of(spec.queue))


def _query(of: Flags, zone: str) -> str:
    expires = sql.epoch(of.expires_at, zone)
    outputs = sql.select(
        name=sql.text(of.name),
        enabled=f"({sql.plain(of.enabled)})::bool",
        value=sql.text(of.value),
        changed_by=sql.text(of.changed_by),
        changed_at=sql.epoch(of.changed_at, zone),
        reason=sql.text(of.reason, 500),
        expires_at=expires,
        expired=f"coalesce({expires} <= extract(epoch FROM now())::float8, false)",
    )
    return f"{outputs} FROM {sql.plain(of.table)} ORDER BY {sql.plain(of.name)} LIMIT {MOST}"


def _flag(row: dict[str, Any], table: Flags) -> Flag:
    name = row["name"] or ""
    job_type, limits = effect_of(name, table)
    return Flag(
        name=safe(name),
        enabled=bool(row["enabled"]),
        value=safe(row["value"]),
        changed_by=safe(row["changed_by"]),
        changed_at=row["changed_at"],
        reason=safe(row["reason"]),
        expires_at=row["expires_at"],
        expired=row["expired"],
        job_type=safe(job_type),
        limits=limits,
        exceptional=name in table.exceptional,
    )


def effect_of(name: str, table: Flags) -> tuple[str, bool]:
    """The job type that a flag of this name is about ("" if none), and whether it limits the type or pauses it.

    The limit is asked first: with "jobs.{type}" and "jobs.{type}.concurrency" a limit looks like a pause as well.
    """
    for pattern, limits in ((table.limit, True), (table.pause, False)):
        before, _, after = pattern.partition("{type}")
        if found := re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", name, re.DOTALL):
            return found[1], limits
    return "", False
