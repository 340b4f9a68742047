"""From looks to states: ok, pending, firing, recovering, unknown. Pure; one instance of one rule at a time.

Missing data never resolves an alert and never fires one: it freezes the timers, and what was firing stays so,
unconfirmed, until it is seen again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.alerts import RANKS, Alert, Course, Labels, LevelName, State, Timer, key
from services.readings import NO_DATA_YET, Reading
from services.rules.flapping import flaps, turned
from services.rules.look import Look
from services.rules.timer import Moment, step
from services.rules.words import condition, duration

if TYPE_CHECKING:
    from services.profile.rules import AnyRule, Level

Looks = Mapping[LevelName, Look]


@dataclass(frozen=True, slots=True)
class Instance:
    """One rule and the labels that tell this instance of it from the others."""

    name: str
    rule: AnyRule
    labels: Labels = ()

    def start(self, wall: float) -> Alert:
        """Before anything was seen of it."""
        level = self.rule.levels[-1][1]
        return Alert(self.name, self.rule.title, "unknown", NO_DATA_YET, condition(self.rule, level), wall)

    def said(self, level: LevelName) -> dict[str, Any]:
        """What the profile says of it now: rules are edited, and keep their state."""
        rule, spec = self.rule, self._spec(level)
        return {
            "rule": self.name,
            "labels": self.labels,
            "title": rule.title,
            "threshold": condition(rule, spec),
            "severity": spec.severity or rule.severity,
            "runbook": rule.runbook,
            "remedy": rule.remedy,
            "source": rule.source,
            "assumption": rule.assumption,
            "unit": rule.counted_in,
        }

    def _spec(self, level: LevelName) -> Level:
        """The level, or without one the mildest: what is passed first."""
        return next((spec for name, spec in self.rule.levels if name == level), self.rule.levels[-1][1])

    @property
    def wait_s(self) -> float:
        return max(level.for_ for _, level in self.rule.levels)


def judged(of: Instance, before: Alert, looks: Looks, reading: Reading, wall: float) -> Alert:
    """How it stands after this look at a new reading of its source."""
    moment = Moment.of(reading)
    blank = all(look.holds is None for look in looks.values())
    blank_s = before.course.blank_s + moment.since(before.course.judged_at) if blank else 0.0
    looks = _without_data(of.rule, looks, blank_s) if blank else looks
    timers: dict[str, Timer] = {
        name: step(before.course.timers.get(name, Timer()), looks[name], level.for_, of.rule.keep_firing, moment)
        for name, level in of.rule.levels
    }
    course, flapping = _course(of, before, looks, timers, moment)
    course = replace(course, timers=MappingProxyType(timers), judged_at=reading.mono, blank_s=blank_s, gone_s=0.0)
    return _alert(of, before, looks, course, flapping, wall)


def held(of: Instance, before: Alert, reason: str, wall: float, course: Course | None = None) -> Alert:
    """How it stands while nothing can be seen of it."""
    said = f"unconfirmed: {reason}" if before.active else reason
    if course is None and before.reason == said and before.state != "pending" and before.course.seen_at is None:
        return before  # told already: this is asked every second
    course = course or before.course
    timers = {name: replace(timer, seen_at=None) for name, timer in course.timers.items()}
    after = replace(
        before,
        **of.said(before.level),
        state=before.state if before.active else "unknown",
        since=before.since if before.active or before.state == "unknown" else wall,
        reason=said,
        confirmed=False,
        course=replace(course, timers=MappingProxyType(timers), seen_at=None),
    )
    return before if after == before else after


def resting(of: Instance, before: Alert, reason: str, wall: float) -> Alert:
    """Outside its hours a rule cannot hold, whatever its figure is; it begins anew with them."""
    since = before.since if before.state == "ok" else wall
    after = replace(of.start(since), **of.said(""), state="ok", value=before.value, reason=reason)
    return before if after == before else after


def _without_data(rule: AnyRule, looks: Looks, blank_s: float) -> Looks:
    """The source answers and this has no value: after long enough, what the rule says that it means."""
    if rule.no_data == "hold" or blank_s < rule.no_data_for:
        return looks
    bad = rule.no_data == "alert"
    said = f"no data for {duration(rule.no_data_for)}, which counts as {'bad' if bad else 'good'}"
    return {
        name: replace(look, holds=bad, clears=not bad, reason=f"{said}: {look.reason}") for name, look in looks.items()
    }


def _course(
    of: Instance, before: Alert, looks: Looks, timers: Mapping[str, Timer], moment: Moment
) -> tuple[Course, bool]:
    """The course with this evaluation in it, and whether the instance flaps."""
    course = before.course
    if all(look.holds is None for look in looks.values()):
        return replace(course, seen_at=None), before.flapping
    turn = any(timer.on for timer in timers.values()) != any(timer.on for timer in course.timers.values())
    course = replace(turned(course, turn, moment.since(course.seen_at)), seen_at=moment.mono)
    flapping = flaps(course, before.flapping, of.wait_s)
    return replace(course, turns=0) if before.flapping and not flapping else course, flapping


def _alert(of: Instance, before: Alert, looks: Looks, course: Course, flapping: bool, wall: float) -> Alert:
    state = _state(looks, course.timers, flapping)
    active = state in ("firing", "recovering")
    shown = _shown(state, looks, course.timers, before)
    look = looks[shown]
    seen = look.holds is not None
    level = shown if active else ""
    return replace(
        before,
        **of.said(shown),
        state=state,
        since=_since(before, state, wall),
        value=look.value if seen or not active else before.value,
        reason=_reason(look, looks, active and not seen),
        confirmed=seen,
        level=level,
        episode=(before.episode or f"{key(of.name, of.labels)}@{wall:.3f}") if active else "",
        fired_at=(before.fired_at or wall) if active else None,
        flapping=flapping,
        acknowledged=before.acknowledged if _still(before, level) else None,
        course=course,
    )


def _state(looks: Looks, timers: Mapping[str, Timer], flapping: bool) -> State:
    on = [timer for timer in timers.values() if timer.on]
    if flapping or any(timer.over_s is None for timer in on):
        return "firing"
    if on:
        return "recovering"
    if any(look.holds for look in looks.values()):
        return "pending"
    return "unknown" if any(look.holds is None for look in looks.values()) else "ok"


def _shown(state: State, looks: Looks, timers: Mapping[str, Timer], before: Alert) -> LevelName:
    """The level that the alert tells of: the worst that is reached, else the first to be."""
    if state in ("firing", "recovering"):
        latched = before.level if before.level in looks else next(iter(looks))
        return next((name for name in looks if timers[name].on), latched)
    if state == "pending":
        return next(name for name, look in looks.items() if look.holds)
    if state == "unknown":
        return [name for name, look in looks.items() if look.holds is None][-1]
    return tuple(looks)[-1]


def _reason(look: Look, looks: Looks, unconfirmed: bool) -> str:
    if unconfirmed:
        return f"unconfirmed: {look.reason}"
    return look.reason or next((f"{n}: {other.reason}" for n, other in looks.items() if other.holds is None), "")


def _since(before: Alert, state: State, wall: float) -> float:
    if state == before.state:
        return before.since
    goes_on = before.state == "recovering" and state == "firing" and before.fired_at is not None
    return before.fired_at or wall if goes_on else wall


def _still(before: Alert, level: LevelName) -> bool:
    """Whether the word that somebody gave holds: the episode goes on, no worse than it was."""
    return before.acknowledged is not None and 0 < RANKS[level] <= RANKS[before.acknowledged.level]
