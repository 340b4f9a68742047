"""Where what an alert tells of is looked into and put right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from services.alerts import Alert
from services.readings import FlagsValues
from tui.deck import Deck
from tui.keys import VIEWS

_OF_KIND: Mapping[str, str] = MappingProxyType(
    {
        "http": "api",
        "prometheus": "api",
        "promql": "services",
        "json": "services",
        "postgres": "database",
        "statements": "database",
        "tables": "database",
        "sql": "database",
        "pgbouncer": "database",
        "queue": "queues",
        "s3": "storage",
        "bucket": "storage",
        "minio": "storage",
        "flags": "flags",
        "runs": "runs",
        "reaper": "locks",
        "systemd": "services",
        "command": "services",
        "files": "services",
        "disk": "services",
        "host": "services",
        "tls": "services",
        "tcp": "services",
        "redis": "services",
        "logs": "logs",
    }
)
_OF_FIGURE: Mapping[str, str] = MappingProxyType(
    {
        "stale_count": "locks",
        "stuck_count": "locks",
        "failure_rate": "failures",
        "retry_rate": "failures",
        "failed": "failures",
    }
)


def kind_of(deck: Deck, alert: Alert) -> str:
    source = deck.profile.sources.get(alert.source)
    return source.kind if source else ""


def view_of(deck: Deck, alert: Alert) -> str:
    """The view that shows why a rule fires."""
    kind = kind_of(deck, alert)
    rule = deck.profile.rules.get(alert.rule)
    figure = rule.about.rpartition(".")[2] if rule else ""
    return _OF_FIGURE.get(figure, "queues") if kind == "queue" else _OF_KIND.get(kind, "alerts")


def key_of(deck: Deck, alert: Alert) -> str:
    """The one key that goes on from an alert: its remedy's where that needs no selection, else its view's."""
    action = deck.profile.actions.get(alert.remedy)
    if action and action.key and action.complete:
        return action.key
    view = view_of(deck, alert)
    return next((key for name, key, _ in VIEWS if name == view), "")


def section_on(deck: Deck, source: str) -> str:
    """The runbook's section on the worst that fires at this source, or on the source itself; "" for any, of all."""
    firing = [alert for alert in deck.alerts.loud if alert.runbook and source in ("", alert.source)]
    found = deck.profile.sources.get(source)
    return firing[0].runbook if firing else found.runbook if found else ""


def flag_named_in(message: str, flags: FlagsValues | None) -> str:
    """The switch that a message is about: "session format gpx: ..." names formats.gpx; "" when none or several."""
    words = set(re.findall(r"\w+", message.lower()))
    named = [flag.name for flag in flags.flags if flag.name.rpartition(".")[2].lower() in words] if flags else []
    return named[0] if len(named) == 1 else ""
