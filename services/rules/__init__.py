"""Rules: pure functions from what was read to alerts. A kind is one file with a `look`, and one line in kinds.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.alerts import Alert, Alerts
from services.rules.instances import instances
from services.rules.marks import marked
from services.rules.network import network
from services.rules.silent import silent
from services.watching.quiet import LOUD, Quiet

if TYPE_CHECKING:
    from services.profile import Rule, Source
    from services.rules.past import Past

__all__ = ["Alert", "Alerts", "judge"]


def judge(
    rules: Mapping[str, Rule],
    sources: Mapping[str, Source],
    past: Past,
    previous: Alerts,
    quiet: Quiet = LOUD,
    cut_off: str = "",
) -> Alerts:
    """How every instance of every rule stands at the past's moment, going on from how it stood.

    Call it at every reading, and now and then without one: a source that has gone silent is only told by the clock.
    A rule whose source has brought nothing new is not looked at again, and its alerts are the same objects.
    `cut_off` says why the trouble is taken to be this machine's own network.
    """
    before: defaultdict[str, list[Alert]] = defaultdict(list)
    for alert in previous:
        before[alert.rule].append(alert)
    found = network(previous, cut_off, past.wall) | silent(sources, past, previous)
    for name, rule in rules.items():
        found |= {alert.key: alert for alert in instances(name, rule, past, tuple(before[name]))}
    return Alerts(MappingProxyType(marked(found, rules, sources, past, quiet.now(past.wall))))
