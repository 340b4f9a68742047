"""Locks held too long: stale when both signs of death are there, stuck when only the age is; and who reaped last."""

from __future__ import annotations

from services.readings import Figure, QueueValues, ReaperRun, ReaperValues, StaleLock, Unknown, number
from services.readings.private import WITHHELD
from widgets.columns import Column, Row
from widgets.figures import ago, count, duration, figure
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import Grade, verdict

_COLUMNS = (
    Column("sign", "", 7),
    Column("id", "Job", 9, "right"),
    Column("type", "Type", 17),
    Column("age", "Locked", 7, "right"),
    Column("allowed", "Allowed", 7, "right", drop=3),
    Column("attempt", "Try", 3, "right", drop=4),
    Column("worker", "Worker", 10, drop=2),
    Column("owner", "Owner", 8, drop=5),
    Column("evidence", "Evidence", "1fr", drop=1, least=26),
)


def locks(values: QueueValues) -> Table:
    """One row per old lock; only a stale one may be released."""
    shown = len(values.stale)
    rows = tuple(map(_row, values.stale))
    all_of_them = (number(values.stale_count) or 0) + (number(values.stuck_count) or 0)
    foot: tuple[Line, ...] = (
        (("stale: older than allowed, and its owner shows no life. stuck: old, but the owner lives", "dim"),),
    )
    if all_of_them > shown:
        foot = (((f"the oldest {count(shown)} of {count(all_of_them)}", "dim"),), *foot)
    unknown = [each for each in (values.stale_count, values.stuck_count) if isinstance(each, Unknown)]
    none = f"? locks: {unknown[0]}" if len(unknown) == 2 else "● no lock is older than its type allows"
    return Table(_COLUMNS, rows, none, foot)


def _row(lock: StaleLock) -> Row:
    cells = (
        ("✖ stale", "bad") if lock.dead else ("▲ stuck", "warn"),
        lock.id,
        lock.type,
        duration(lock.age_s),
        duration(lock.allowed_s),
        "?" if lock.attempt is None else str(lock.attempt),
        lock.locked_by,
        lock.owner,
        lock.evidence,
    )
    sign = "stale" if lock.dead else "stuck"
    fields = {
        "id": lock.id,
        "type": lock.type,
        "state": sign,
        "worker": lock.locked_by,
        "owner": lock.owner,
        "attempt": cells[5],
        "evidence": lock.evidence,
    }
    order = (sign, _number(lock.id), lock.type, lock.age_s, lock.allowed_s, lock.attempt, lock.locked_by, lock.owner)
    return Row(lock.id, cells, (*order, lock.evidence), {k: str(v) for k, v in fields.items()}, lock)


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _grade(stale: Figure, stuck: Figure) -> tuple[Grade, str]:
    if isinstance(stale, Unknown):
        return "unknown", str(stale)
    if number(stale):
        return "bad", figure(stale, "stale locks" if number(stale) != 1 else "stale lock")[0]
    if number(stuck):
        return "warn", "no stale lock, but jobs are stuck"
    return "good", "no stale lock"


def summary(values: QueueValues, reaper: ReaperValues | None = None, now: float = 0.0) -> Lines:
    """The overview's tile: how many, the oldest, and when the reaper last did its work."""
    rows: list[Line] = [verdict(*_grade(values.stale_count, values.stuck_count))]
    if number(values.stuck_count):
        rows.append((figure(values.stuck_count, "stuck, their workers are alive"),))
    if values.stale:
        oldest = values.stale[0]
        rows.append((("oldest ", "dim"), (f"{duration(oldest.age_s)}, {oldest.type} on {oldest.locked_by}", "")))
    if reaper is not None:
        rows.append(_last_run(reaper, now))
    return Lines(tuple(rows))


def _last_run(reaper: ReaperValues, now: float) -> Line:
    if not reaper.runs:
        return (("the reaper has never run", "warn"),)
    run = reaper.runs[0]
    if run.error == WITHHELD and run.finished_at is not None:  # without its error nobody can tell
        return (("reaper ", "dim"), (f"? ended {ago(run.finished_at, now)}, how is restricted", "unknown"))
    if run.error and run.error != WITHHELD:
        return (("reaper ", "dim"), (f"✖ failed {ago(run.finished_at or run.started_at, now)}: {run.error}", "bad"))
    if run.finished_at is None:
        return (("reaper ", "dim"), (f"running, started {ago(run.started_at, now)}", ""))
    released = "" if run.released is None else f", released {count(run.released)}"
    return (("reaper ", "dim"), (f"ran {ago(run.finished_at, now)}{released}", ""))


def _state(run: ReaperRun) -> Segment:
    if run.error == WITHHELD:
        return ("? ended", "unknown") if run.finished_at else ("▸ running", "accent")
    return ("✖ failed", "bad") if run.error else ("● done", "good") if run.finished_at else ("▸ running", "accent")


def reaper_runs(values: ReaperValues, now: float) -> Table:
    """The reaper's last runs, newest first."""
    columns = (
        Column("state", "", 9),
        Column("kind", "Kind", 12),
        Column("started", "Started", 10, "right"),
        Column("took", "Took", 7, "right", drop=2),
        Column("released", "Released", 8, "right"),
        Column("actor", "By", 10, drop=3),
        Column("error", "Error", "1fr", "left", "bad", drop=1, least=24),
    )
    rows = []
    for run in values.runs:
        state = _state(run)
        took = None if run.finished_at is None else run.finished_at - run.started_at
        cells = (
            state,
            run.kind,
            ago(run.started_at, now),
            "" if took is None else duration(took),
            ("" if run.released is None else count(run.released)),
            run.actor,
            run.error,
        )
        order = (state[0], run.kind, run.started_at, took, run.released, run.actor, run.error)
        fields = {"kind": run.kind, "state": state[0][2:], "actor": run.actor, "error": run.error}
        rows.append(Row(f"{run.kind} {run.started_at}", cells, order, fields, run))
    return Table(columns, tuple(rows), "the reaper has never run")
