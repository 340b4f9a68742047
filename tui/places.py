"""Where what an alert tells of is looked into and put right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from services.alerts import Alert
from services.readings import FlagsValues
from tui.deck import Deck
from tui.keys import VIEWS


class Place(NamedTuple):
    """A view, and its page where it has several ("" is the one that it shows anyway)."""

    view: str
    page: str = ""


_OF_KIND: Mapping[str, Place] = MappingProxyType(
    {
        "http": Place("api"),
        "prometheus": Place("api"),
        "postgres": Place("database", "sessions"),
        "statements": Place("database", "statements"),
        "tables": Place("database", "tables"),
        "pgbouncer": Place("database", "replication"),
        "queue": Place("queues"),
        "s3": Place("storage", "bucket"),
        "bucket": Place("storage", "arrivals"),
        "backups": Place("backups"),
        "minio": Place("storage", "minio"),
        "flags": Place("flags"),
        "runs": Place("runs"),
        "reaper": Place("locks"),
        "logs": Place("logs"),
        **dict.fromkeys(("systemd", "command", "files", "disk", "host", "tls", "tcp", "redis"), Place("services")),
        **dict.fromkeys(("clocks", "promql", "json", "sql"), Place("services")),
        "due": Place("retention"),
        "alertmanager": Place("alerts", "elsewhere"),
    }
)
# by kind and the last or the first step of the figure's path, where a kind's figures are in several places
_OF_FIGURE: Mapping[str, Mapping[str, Place]] = MappingProxyType(
    {
        "postgres": {
            "blocked": Place("database", "blocking"),
            "blocking": Place("database", "blocking"),
            "lock_waiting": Place("database", "blocking"),
            "replication": Place("database", "replication"),
            "archiver": Place("database", "replication"),
        },
        "bucket": {"settings": Place("storage", "settings"), "leftovers": Place("storage", "settings")},
        "s3": {"prefixes": Place("storage", "prefixes")},
        "queue": {
            "stale_count": Place("locks"),
            "stuck_count": Place("locks"),
            "failure_rate": Place("failures"),
            "retry_rate": Place("failures"),
            "failed": Place("failures"),
        },
    }
)


def place_of(deck: Deck, alert: Alert) -> Place:
    """Where it shows why a rule fires."""
    source = deck.profile.sources.get(alert.source)
    if source is None:
        return Place("alerts")
    if source.kind == "prometheus" and not source.http:
        return Place("services")  # nobody said which of its metrics count requests
    rule = deck.profile.rules.get(alert.rule)
    path = rule.about if rule else ""
    of_figure = _OF_FIGURE.get(source.kind, {})
    found = of_figure.get(path.rpartition(".")[2]) or of_figure.get(path.partition(".")[0])
    return found or _OF_KIND.get(source.kind, Place("alerts"))


def view_of(deck: Deck, alert: Alert) -> str:
    return place_of(deck, alert).view


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
