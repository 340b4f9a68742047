"""What a Prometheus server answers: figures by query, and the alerts that it has itself."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import NOT_CONFIGURED, Figure, Unknown
from services.readings.named import NamedValues


@dataclass(frozen=True, slots=True)
class PrometheusAlert:
    """One that is pending or firing there, judged there."""

    name: str
    state: str
    severity: str  # its label of that name; "" without one
    since: float | None
    value: Figure
    labels: tuple[tuple[str, str], ...]  # without its name and severity
    summary: str  # its annotation `summary`, or `description`
    runbook: str  # its annotation `runbook_url`


@dataclass(frozen=True, slots=True)
class PromqlValues(NamedValues):
    """`figures` by query; a query that gives several series gives several figures of one name, with labels."""

    alerts: tuple[PrometheusAlert, ...] | Unknown = NOT_CONFIGURED

    @property
    def firing(self) -> Figure:
        if isinstance(self.alerts, Unknown):
            return self.alerts
        return sum(alert.state == "firing" for alert in self.alerts)
