"""The instances of a rule: which there are, which are gone, and whether there is anything new to judge them by."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from services.alerts import Alert, Labels, LevelName
from services.readings import NO_DATA_YET, Reading
from services.rules import machine
from services.rules.kinds import RULES
from services.rules.look import Look
from services.rules.machine import Instance
from services.rules.timer import Moment
from services.watching.hours import outside

if TYPE_CHECKING:
    from services.profile.rules import AnyRule
    from services.rules.past import Past

LIMIT = 200  # instances of a rule: their names come from other people's tables; what fires or holds is kept first


def instances(name: str, rule: AnyRule, past: Past, before: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """How each stands now. The same objects as before where nothing new was read of the source."""
    known = before or (Instance(name, rule).start(past.wall),)
    if rule.when and (reason := outside(rule.when, past.wall)):
        return tuple(machine.resting(_of(name, rule, alert), alert, reason, past.wall) for alert in known)
    if reason := past.silence(rule.source):
        return tuple(machine.held(_of(name, rule, alert), alert, reason, past.wall) for alert in known)
    state = past.state(rule.source)
    assert state is not None and state.good is not None
    if all(alert.course.judged_at == state.good.mono for alert in known):
        return before
    try:
        return _judged(name, rule, past, before, state.good)
    except Exception as error:  # of one rule: the others are judged all the same
        reason = f"it cannot be judged: {type(error).__name__}: {error}"
        return tuple(machine.held(_of(name, rule, alert), alert, reason, past.wall) for alert in known)


def _of(name: str, rule: AnyRule, alert: Alert) -> Instance:
    return Instance(name, rule, alert.labels)


def _judged(name: str, rule: AnyRule, past: Past, before: tuple[Alert, ...], reading: Reading) -> tuple[Alert, ...]:
    earlier = {alert.labels: alert for alert in before}
    found = _looks(rule, past, frozenset(alert.labels for alert in before if alert.active))
    if _nothing(found) and any(earlier):
        found = {}  # those there were are told of one by one, until each is gone
    after = []
    for labels, looks in found.items():
        of = Instance(name, rule, labels)
        after.append(machine.judged(of, earlier.get(labels) or of.start(past.wall), looks, reading, past.wall))
    for labels, alert in earlier.items():
        if labels not in found and (left := _left(_of(name, rule, alert), alert, reading, past.wall)):
            after.append(left)
    return tuple(after)


def _looks(rule: AnyRule, past: Past, active: Set[Labels]) -> Mapping[Labels, Mapping[LevelName, Look]]:
    """By instance, what is seen at each level, the worst first."""
    by_level = {
        name: {look.labels: look for look in RULES[rule.kind](rule, level, past)} for name, level in rule.levels
    }
    every = dict.fromkeys(labels for looks in by_level.values() for labels in looks)
    if any(every):
        every.pop((), None)  # one level found instances, another none
    found: dict[Labels, Mapping[LevelName, Look]] = {
        labels: {name: looks.get(labels) or _missing(labels) for name, looks in by_level.items()} for labels in every
    }
    if len(found) <= LIMIT:
        return found
    holding = {labels for labels, looks in found.items() if any(look.holds for look in looks.values())}
    # what fires is followed to its end first: cut off, it would be taken for gone
    return dict(sorted(found.items(), key=lambda one: (one[0] not in active, one[0] not in holding))[:LIMIT])


def _missing(labels: Labels) -> Look:
    return Look(labels, NO_DATA_YET, None, None, "not told at this level")


def _nothing(found: Mapping[Labels, Mapping[LevelName, Look]]) -> bool:
    """Whether the looks only say that there is no instance."""
    return found.keys() == {()} and all(look.holds is None for look in found[()].values())


def _left(of: Instance, alert: Alert, reading: Reading, wall: float) -> Alert | None:
    """An instance that the source does not tell of any more. None when it has been so for `no_data_for`."""
    if not alert.labels and not alert.active:
        return None  # it stood for those that have come now
    gone_s = alert.course.gone_s + Moment.of(reading).since(alert.course.judged_at)
    if gone_s >= of.rule.no_data_for:
        return None
    course = replace(alert.course, gone_s=gone_s, judged_at=reading.mono)
    return machine.held(of, alert, f"{of.rule.source} answers and does not tell of it any more", wall, course)
