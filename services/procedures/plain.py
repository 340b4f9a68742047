"""Procedures, runs and timers as plain data: the JSON that `watchdeck checklist` prints."""

from __future__ import annotations

from typing import Any

from services.procedures.timer import Due
from services.procedures.verdict import Judged, Verdict
from services.records.run import Run


def of_judged(judged: Judged) -> dict[str, Any]:
    return {
        "id": judged.id,
        "title": judged.title,
        "state": judged.state,
        "steps": [
            {"id": step.id, "title": step.title, "state": step.state, "conditions": [*map(of_verdict, step.conditions)]}
            for step in judged.steps
        ],
    }


def of_verdict(one: Verdict) -> dict[str, Any]:
    """Also what a run keeps of it as evidence."""
    return {
        "title": one.title,
        "state": one.state,
        "said": one.said,
        "value": one.value,
        "at": one.at,
        "shown": one.shown,
    }


def of_due(due: Due | None) -> dict[str, Any] | None:
    if due is None:
        return None
    last = {"record": due.last.record, "at": due.last.at, "by": due.last.by} if due.last else None
    return {"state": due.when, "every_s": due.every, "at": due.at, "last": last}


def of_run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "of": run.of,
        "title": run.title,
        "at": run.at,
        "by": run.by,
        "state": run.ended or "under way",
        "ended_at": run.ended_at,
        "drill": run.drill,
        "steps": [
            {"id": step.id, "title": step.title, "state": step.state, "at": step.at, "by": step.by, "note": step.note}
            for step in run.steps
        ],
    }
