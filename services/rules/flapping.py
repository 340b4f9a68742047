"""What begins and ends again and again is latched: it fires, flapping, until it has been quiet for long enough."""

from __future__ import annotations

from dataclasses import replace

from services.alerts import Course

LOOKED_AT = 20  # evaluations
TURNS = 4  # among them
QUIET_S = 60.0  # at least, for rules that do not wait

_MASK = (1 << LOOKED_AT) - 1


def turned(course: Course, turn: bool, observed_s: float) -> Course:
    """The course after one more evaluation, at which the rule began or ended to fire, or did neither."""
    quiet = 0.0 if turn else course.quiet_s + observed_s
    return replace(course, turns=(course.turns << 1 | turn) & _MASK, quiet_s=quiet)


def flaps(course: Course, before: bool, wait_s: float) -> bool:
    """Whether it does after this evaluation. `wait_s`: the rule's longest `for`."""
    if before:
        return course.quiet_s < max(2 * wait_s, QUIET_S)
    return course.turns.bit_count() >= TURNS
