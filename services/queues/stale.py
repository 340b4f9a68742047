"""Rows about locks and workers as the screen shows them: both signs of death, and the evidence in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.database import Row
from services.queues.mapping import Stale
from services.queues.mapping import Workers as WorkersTable
from services.readings import StaleLock, Worker
from services.text import safe


def lock(row: Row, stale: Stale) -> StaleLock:
    heartbeat = row["heartbeat_age_s"]
    return StaleLock(
        id=safe(row["id"]),
        type=safe(row["type"]),
        attempt=None if row["attempt"] is None else int(row["attempt"]),
        locked_by=safe(row["locked_by"]),
        locked_at=row["locked_at"],
        age_s=row["age_s"],
        allowed_s=row["allowed_s"],
        heartbeat_age_s=heartbeat,
        dead=row["alive"] is False,
        evidence=_evidence(row, stale),
        owner=safe(row["owner"]),
    )


def worker(row: Row, table: WorkersTable) -> Worker:
    age = max(0.0, row["heartbeat_age_s"])
    return Worker(
        id=safe(row["id"]),
        pool=safe(row["pool"]),
        heartbeat_age_s=age,
        alive=age <= table.alive_for,
        running=int(row["running"]),
        version=safe(row["version"]),
    )


def _evidence(row: Mapping[str, Any], stale: Stale) -> str:
    if stale.alive is None:
        return "age only: this queue records no sign of life"
    alive = bool(row["alive"])
    holder = safe(row["locked_by"]) or "nobody"
    if stale.evidence == "backend":
        return f"database session of {holder} is {'still there' if alive else 'gone'}"
    if stale.evidence == "advisory lock":
        return f"advisory lock is {'still held' if alive else 'free'}"
    name = f"worker {holder}" if stale.evidence == "worker" else "job"
    if row["heartbeat_age_s"] is None:
        return f"{name} is {'alive' if alive else 'not known to the queue: no sign of life'}"
    return f"{name} last seen {_ago(row['heartbeat_age_s'])} ago"


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"
