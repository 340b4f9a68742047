"""Which incident is looked at first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from services.records.incident import STATES, Incident
from services.records.timers import overdue

if TYPE_CHECKING:
    from services.profile import IncidentRecord


def by_urgency(
    found: Iterable[Incident], record: Callable[[Incident], IncidentRecord], words: Sequence[str], now: float
) -> tuple[Incident, ...]:
    """Those under way first, a worse severity above a milder one; then what is late, then the newest. `words`: the
    profile's severities, the worst first. What nobody has graded, or by no such word, may be anything: it is first."""

    def key(it: Incident) -> tuple[int, int, bool, float]:
        rank = words.index(it.severity) if it.severity in words else -1
        late = it.state != "closed" and bool(overdue(it, record(it).severities, now))
        return STATES.index(it.state) // 2, rank if it.under_way else 0, not late, -it.opened_at

    return tuple(sorted(found, key=key))
