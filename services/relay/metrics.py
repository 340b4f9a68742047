"""How everything stands, as metrics that a Prometheus can scrape: every figure by the path that rules call it by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from services.alerts import RANKS, Alert, Alerts
from services.readings import Fault, Reading, Snapshot, SourceState, number
from services.readings.private import without_words
from services.relay.leaves import Leaf, Told, tell
from services.sources.discreet import is_withheld, withheld

if TYPE_CHECKING:
    from services.profile import Profile

PREFIX = "watchdeck"
_SOURCE = {
    "up": "Whether the source answered when it was asked last.",
    "read_at_seconds": "When it last answered, unix time.",
    "interval_seconds": "How often it is asked.",
    "took_seconds": "How long the last answer took.",
}


class Standing(Collector):
    """`look` gives how things stand now; it is called by the server's thread, so that it must not change anything.

    Whoever reaches the page may read it: where the profile restricts anything, there is on it what support sees.
    """

    def __init__(self, profile: Profile, look: Callable[[], tuple[Snapshot, Alerts]]) -> None:
        self._kinds = {name: source.kind for name, source in profile.sources.items()}
        self._common = (profile.name, profile.environment.name)
        self._look = look
        self._withheld = {
            name: withheld(source)
            for name, source in profile.sources.items()
            if profile.restricted.anything and is_withheld(profile, name)
        }
        self._told: dict[str, tuple[Reading, Told]] = {}  # the same reading is scraped several times

    def collect(self) -> Iterator[Metric]:
        snapshot, alerts = self._look()
        states = [state for state in snapshot if state.source in self._kinds]
        yield from self._sources(states)
        yield from self._values(states)
        yield from self._alerts(alerts)

    def describe(self) -> list[Metric]:
        """Nothing, so that registering does not collect: there may be no reading yet."""
        return []

    def _family(self, name: str, help: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"{PREFIX}_{name}", help, labels=("profile", "environment", *labels))

    def _sources(self, states: list[SourceState]) -> Iterator[Metric]:
        families = {name: self._family(f"source_{name}", help, "source", "kind") for name, help in _SOURCE.items()}
        faults = self._family("source_fault", "Why it did not answer.", "source", "fault", "message", "remedy")
        for state in states:
            labels = (*self._common, state.source, self._kinds[state.source])
            for name, value in _asked(state):
                families[name].add_metric(labels, value)
            if fault := without_words(_fault(state)):
                faults.add_metric((*self._common, state.source, fault.kind, fault.message, fault.remedy), 1)
        yield from (*families.values(), faults)

    def _values(self, states: list[SourceState]) -> Iterator[Metric]:
        figures = self._family("figure", "What a source reports, by its path.", "source", "path", "at", "is")
        texts = self._family("text", "What a source reports in words.", "source", "at", "is", "text")
        dropped = self._family("dropped_items", "Items of a source that are too many to be told of here.", "source")
        for state in states:
            if state.good is None:
                continue
            labels = (*self._common, state.source)
            told = self._tell(state.good)
            dropped.add_metric(labels, told.dropped)
            for leaf in told.leaves:
                if leaf.kind in ("number", "bool"):
                    figures.add_metric((*labels, leaf.path, leaf.at, leaf.kind), float(leaf.value))
                else:
                    texts.add_metric((*labels, leaf.at, leaf.kind, _text(leaf)), 1)
        yield from (figures, texts, dropped)

    def _tell(self, reading: Reading) -> Told:
        """Two scrapes at a time may both do this: they come to the same."""
        known = self._told.get(reading.source)
        if known is None or known[0] is not reading:
            values = reading.values and self._withheld.get(reading.source, reading.values)
            known = (reading, tell(values) if values else Told(()))
            self._told[reading.source] = known
        return known[1]

    def _alerts(self, alerts: Alerts) -> Iterator[Metric]:
        names = ("alert", "rule", "severity", "source")
        states = self._family("alert", "An alert that is not ok.", *names, "state", "level", "runbook")
        values = self._family("alert_value", "The figure that the rule is about.", *names)
        since = self._family("alert_since_seconds", "When the state began, unix time.", *names)
        for alert in self._of_rules(alerts):
            labels = (*self._common, alert.key, alert.rule, alert.severity, alert.source)
            if alert.state != "ok":
                states.add_metric((*labels, _state(alert), alert.level, alert.runbook), 1)
            since.add_metric(labels, alert.since)
            if alert.source not in self._withheld and (value := number(alert.value)) is not None:
                values.add_metric(labels, value)
        yield from (states, values, since)

    def _of_rules(self, alerts: Alerts) -> Iterable[Alert]:
        """Of a rule over a withheld source one alert, the gravest: its instances are called by what was read there."""
        found: dict[str, Alert] = {}
        for alert in alerts:
            one = replace(alert, labels=()) if alert.source in self._withheld else alert
            if one.key not in found or _grave(one) > _grave(found[one.key]):
                found[one.key] = one
        return found.values()


def _grave(alert: Alert) -> tuple[bool, int]:
    return alert.state != "ok", RANKS[alert.level]


def _asked(state: SourceState) -> Iterator[tuple[str, float]]:
    yield "up", float(state.good is not None and state.failed is None)
    yield "interval_seconds", state.interval_s
    last: Reading | None = state.failed or state.good
    if last:
        yield "took_seconds", last.took_s
    if state.good:
        yield "read_at_seconds", state.good.at


def _fault(state: SourceState) -> Fault | None:
    return state.failed.fault if state.failed else None


def _text(leaf: Leaf) -> str:
    return str(leaf.value) if leaf.kind == "text" else ""


def _state(alert: Alert) -> str:
    held = "silenced" if alert.silenced else "inhibited" if alert.inhibited_by else ""
    return f"{alert.state}, {held}" if held else alert.state
