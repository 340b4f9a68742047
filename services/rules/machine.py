"""From verdicts to states: ok, pending, firing, unknown. Only time that was observed counts towards `for`.

Missing data never resolves an alert and never fires one: it freezes the timer, and a rule that was firing stays so,
unconfirmed, until it is seen again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from services.alerts import Alert, State
from services.readings import NO_DATA_YET, Figure, Reading, SourceState, Values
from services.rules.verdict import Verdict

if TYPE_CHECKING:
    from services.profile import Rule


def step(
    name: str,
    rule: Rule,
    verdict: Callable[[Rule, Values], Verdict],
    source: SourceState | None,
    previous: Alert | None,
    now_mono: float,
    now_wall: float,
) -> Alert:
    """How the rule stands after this look at its source."""
    before = previous or _start(name, rule, now_wall)
    good = source.good if source else None
    if source is None or good is None or good.values is None:
        return _unknown(before, _missing(rule, source), before.value, now_wall)
    if source.status(now_mono) != "fresh":
        return _unknown(before, _silent(rule, source), before.value, now_wall)
    if before.judged_at == good.mono:
        return before
    found = verdict(rule, good.values)
    if found.holds is None:
        return _unknown(before, found.reason, found.value, now_wall, judged_at=good.mono)
    return _known(before, rule, found, good, now_wall)


def _start(name: str, rule: Rule, now_wall: float) -> Alert:
    return Alert(
        rule=name,
        title=rule.title,
        state="unknown",
        value=NO_DATA_YET,
        threshold=threshold(rule),
        since=now_wall,
        severity=rule.severity,
        runbook=rule.runbook,
        remedy=rule.remedy,
        source=rule.source,
    )


def _known(before: Alert, rule: Rule, found: Verdict, good: Reading, now_wall: float) -> Alert:
    held = _held_s(before, good) if found.holds else None
    state: State = "ok" if held is None else "firing" if held >= rule.for_ or before.state == "firing" else "pending"
    return _changed(
        before,
        state,
        now_wall,
        value=found.value,
        held_s=held,
        held_at=good.mono if found.holds else None,
        judged_at=good.mono,
    )


def _held_s(before: Alert, good: Reading) -> float:
    """How long the condition has been seen to hold. A gap wider than polls are apart was not seen: not counted."""
    if before.held_s is None:
        return 0.0
    gap = good.mono - before.held_at if before.held_at is not None else None
    return before.held_s + (gap if gap is not None and gap <= max(2 * good.interval_s, 3.0) else 0.0)


def _unknown(before: Alert, reason: str, value: Figure, now_wall: float, judged_at: float | None = None) -> Alert:
    firing = before.state == "firing"
    return _changed(
        before,
        "firing" if firing else "unknown",
        now_wall,
        value=before.value if firing else value,
        reason=f"unconfirmed: {reason}" if firing else reason,
        confirmed=False,
        held_s=before.held_s,
        held_at=None,
        judged_at=before.judged_at if judged_at is None else judged_at,
    )


def _changed(
    before: Alert,
    state: State,
    now_wall: float,
    *,
    value: Figure,
    held_s: float | None,
    held_at: float | None,
    judged_at: float | None,
    reason: str = "",
    confirmed: bool = True,
) -> Alert:
    return replace(
        before,
        state=state,
        since=before.since if state == before.state else now_wall,
        value=value,
        reason=reason,
        confirmed=confirmed,
        held_s=held_s,
        held_at=held_at,
        judged_at=judged_at,
    )


def _missing(rule: Rule, source: SourceState | None) -> str:
    if source is None:
        return f"source {rule.source} is not being polled"
    fault = source.failed.fault if source.failed else None
    return f"{rule.source}: {fault.message}" if fault else f"{rule.source}: no data yet"


def _silent(rule: Rule, source: SourceState) -> str:
    fault = source.failed.fault if source.failed else None
    return f"{rule.source} is stale: {fault.message if fault else 'no answer for twice its interval'}"


def threshold(rule: Rule) -> str:
    """The rule's condition in words: "> 20 for 10 m"."""
    wait = f" for {_duration(rule.for_)}" if rule.for_ else ""
    return f"{rule.op} {rule.value:g}{wait}"


def _duration(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
