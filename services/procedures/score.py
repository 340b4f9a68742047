"""How a drill went: the times by its record, the actions by the local audit, the steps by the run itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.readings import AuditEntry
from services.records.run import Run
from services.units import told

if TYPE_CHECKING:
    from services.profile import Profile

MARKS = ("alert", "acknowledged", "recovered", "relapsed")  # what the console notes while it is played


@dataclass(frozen=True, slots=True)
class Score:
    """Times are seconds since the scenario was started; None: it never came to that."""

    run: Run
    alert_s: float | None
    acknowledged_s: float | None
    right_s: float | None  # to the first action that the playbook, or a rule that it is about, names
    recovered_s: float | None  # for good: what fired again afterwards has not recovered
    right: tuple[AuditEntry, ...]
    wrong: tuple[AuditEntry, ...]  # everything else that was tried meanwhile


def score(profile: Profile, run: Run, audit: Sequence[AuditEntry]) -> Score:
    """`audit` may hold earlier actions, in any order."""
    helpful = helping(profile, run.of)
    tried = sorted((entry for entry in audit if entry.at >= run.at), key=lambda entry: entry.at)
    right = tuple(entry for entry in tried if entry.action in helpful and entry.outcome == "done")
    since = {mark: run.marks[mark] - run.at if mark in run.marks else None for mark in MARKS}
    recovered, relapsed = since["recovered"], since["relapsed"]
    fires_again = recovered is not None and relapsed is not None and relapsed > recovered
    return Score(
        run,
        since["alert"],
        since["acknowledged"],
        right[0].at - run.at if right else None,
        None if fires_again else recovered,
        right,
        tuple(entry for entry in tried if entry.action not in helpful),
    )


def helping(profile: Profile, procedure: str) -> frozenset[str]:
    """The actions of its steps, and the remedies of the rules that its conditions are about."""
    steps = profile.procedures[procedure].steps.values()
    asked = [condition for step in steps for condition in (*step.holds, *step.shows)]
    asked += [profile.checks[condition.check] for condition in asked if condition.check]
    remedies = {profile.rules[condition.rule].remedy for condition in asked if condition.rule}
    return frozenset({step.action for step in steps} | remedies) - {""}


def sheet(found: Score) -> Iterator[str]:
    run = found.run
    yield f"Drill: {run.title}, run {run.id} by {run.by}: {run.ended or 'not ended'}"
    for what, seconds in (
        ("to the alert", found.alert_s),
        ("to having it in hand", found.acknowledged_s),
        ("to the first right action", found.right_s),
        ("to recovery", found.recovered_s),
    ):
        yield f"  {what:<27}{'not before it ended' if seconds is None else told(max(0.0, seconds), 's')}"
    counts = {state: sum(step.state == state for step in run.steps) for state in ("done", "skipped", "failed", "todo")}
    against = sum(bool(step.against) for step in run.steps)
    late = sum(step.late_s is not None for step in run.steps)
    yield (
        f"  {'steps':<27}{counts['done']} done ({against} against their condition, {late} late), "
        f"{counts['skipped']} skipped, {counts['failed']} failed, {counts['todo']} left"
    )
    yield f"  {'right actions':<27}{_named(found.right)}"
    yield f"  {'wrong actions':<27}{_named(found.wrong)}"


def _named(entries: Sequence[AuditEntry]) -> str:
    return ", ".join(f"{entry.action} ({entry.outcome})" for entry in entries) or "none"
