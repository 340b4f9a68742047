"""What stands beside an alert's state: who keeps it quiet, and of what it is only a consequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from services.alerts import Alert
from services.rules.network import NETWORK
from services.rules.silent import PREFIX
from services.watching.quiet import Spell, silenced

if TYPE_CHECKING:
    from services.profile import Rule, Source
    from services.rules.past import Past


def marked(
    found: Mapping[str, Alert],
    rules: Mapping[str, Rule],
    sources: Mapping[str, Source],
    past: Past,
    spells: tuple[Spell, ...],
) -> dict[str, Alert]:
    """The alerts with their marks; those whose marks stay are the same objects."""
    active = {alert.rule for alert in found.values() if alert.active}
    marked = {}
    for key, alert in found.items():
        said = silenced(alert, spells)
        cause = _cause(alert, active, rules, sources, past)
        same = alert.silenced == said and alert.inhibited_by == cause
        marked[key] = alert if same else replace(alert, silenced=said, inhibited_by=cause)
    return marked


def _cause(alert: Alert, active: set[str], rules: Mapping[str, Rule], sources: Mapping[str, Source], past: Past) -> str:
    """The alert that has this one as its consequence; "" when none has."""
    if alert.rule == NETWORK:
        return ""
    if NETWORK in active:
        return NETWORK
    if alert.rule.startswith(PREFIX):
        return _silent_below(alert, sources, past)
    rule = rules.get(alert.rule)
    causes = (PREFIX + alert.source, *(rule.inhibited_by if rule else ()))
    return next((cause for cause in causes if cause in active and cause != alert.rule), "")


def _silent_below(alert: Alert, sources: Mapping[str, Source], past: Past) -> str:
    """What this source is asked through, where that fails too, or has not answered since: it may be the cause."""
    source = sources.get(alert.source)
    for below in (getattr(source, "database", ""), getattr(source, "queue", "")):
        state = past.state(below) if below else None
        if state and (state.failed or state.good is None or state.good.at <= alert.since):
            return PREFIX + below
    return ""
