"""Rules: pure functions from readings to alerts. A kind is one file with a `verdict`, and one line in RULES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.readings import Snapshot, Values
from services.rules import machine, threshold
from services.rules.silence import silences
from services.rules.verdict import Verdict

if TYPE_CHECKING:
    from services.profile import Rule, Source

__all__ = ["RULES", "Alert", "Alerts", "judge"]

RULES: Mapping[str, Callable[[Rule, Values], Verdict]] = MappingProxyType({"threshold": threshold.verdict})


def judge(
    rules: Mapping[str, Rule],
    sources: Mapping[str, Source],
    snapshot: Snapshot,
    previous: Alerts,
    now_mono: float,
    now_wall: float,
) -> Alerts:
    """How every rule stands now, going on from how it stood, and which sources do not answer.

    Call it at every reading, and now and then without one: a source that has gone silent is only told by the clock.
    """
    return Alerts(
        MappingProxyType(
            silences(sources, snapshot, previous, now_wall)
            | {
                name: machine.step(
                    name, rule, RULES[rule.kind], snapshot.get(rule.source), previous.get(name), now_mono, now_wall
                )
                for name, rule in rules.items()
            }
        )
    )
