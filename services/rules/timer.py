"""One level of one instance through time. Only time that was observed counts, towards `for` and towards the end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.alerts import Timer
from services.readings import Reading
from services.rules.look import Look

GRACE_S = 3.0  # readings of a 1 s source may be a little further apart


@dataclass(frozen=True, slots=True)
class Moment:
    """The reading that is judged. Two of them further apart than `reach_s` have a gap between them."""

    mono: float
    reach_s: float

    @classmethod
    def of(cls, reading: Reading) -> Moment:
        return cls(reading.mono, max(2 * reading.interval_s, GRACE_S))

    def since(self, before: float | None) -> float:
        """The seconds that were observed since that reading; none over a gap."""
        apart = self.mono - before if before is not None else 0.0
        return apart if 0.0 <= apart <= self.reach_s else 0.0


def step(timer: Timer, look: Look, for_: float, keep_s: float, moment: Moment) -> Timer:
    """What this look makes of the timer. One that tells nothing freezes it."""
    if look.holds is None:
        return replace(timer, seen_at=None)
    observed = moment.since(timer.seen_at)
    return _on(timer, look, keep_s, observed, moment) if timer.on else _off(timer, look, for_, observed, moment)


def _off(timer: Timer, look: Look, for_: float, observed: float, moment: Moment) -> Timer:
    if not look.holds:
        return Timer(seen_at=moment.mono)
    held = 0.0 if timer.held_s is None else timer.held_s + observed
    return Timer(held, held >= for_, None, moment.mono)


def _on(timer: Timer, look: Look, keep_s: float, observed: float, moment: Moment) -> Timer:
    """It ends on the good side of the clear value, seen there for as long as the rule keeps firing."""
    if look.holds or not look.clears:
        return replace(timer, held_s=(timer.held_s or 0.0) + observed, over_s=None, seen_at=moment.mono)
    over = 0.0 if timer.over_s is None else timer.over_s + observed
    return Timer(seen_at=moment.mono) if over >= keep_s else replace(timer, over_s=over, seen_at=moment.mono)
