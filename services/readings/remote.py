"""Alerts that somebody else judges: Prometheus and Alertmanager. They are read, never recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RemoteState = Literal["pending", "firing", "suppressed"]


@dataclass(frozen=True, slots=True)
class RemoteAlert:
    name: str
    state: RemoteState
    since: float  # unix seconds
    severity: str = ""
    labels: tuple[tuple[str, str], ...] = ()  # without name and severity, sorted
    summary: str = ""
    runbook: str = ""
    silenced_by: tuple[str, ...] = ()  # ids of silences
    inhibited: bool = False
    id: str = ""  # its fingerprint there


@dataclass(frozen=True, slots=True)
class RemoteSilence:
    id: str
    matchers: tuple[str, ...]  # 'alertname="Disk"', 'node=~"db.*"'
    starts_at: float
    ends_at: float
    by: str
    comment: str
    state: str  # active or pending


@dataclass(frozen=True, slots=True)
class AlertmanagerValues:
    about: str  # its address
    version: str
    cluster: str  # ready, settling, disabled
    alerts: tuple[RemoteAlert, ...]  # firing first, then by name; at most 500
    silences: tuple[RemoteSilence, ...]  # that are or will be in force, the one that ends first first

    @property
    def firing(self) -> int:
        """That somebody should look at: neither silenced nor inhibited."""
        return sum(alert.state == "firing" for alert in self.alerts)

    @property
    def suppressed(self) -> int:
        return sum(alert.state == "suppressed" for alert in self.alerts)
