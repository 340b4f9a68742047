"""What an Alertmanager holds: the alerts that it was told of and has not seen end, and the silences over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HeldAlert:
    """Suppressed: nobody is told of it, because of a silence, or of another alert that inhibits it."""

    name: str
    fingerprint: str  # of all its labels, as the Alertmanager computes it
    state: Literal["firing", "suppressed"]
    severity: str  # its label of that name; "" without one
    since: float | None
    labels: tuple[tuple[str, str], ...]  # without its name and severity
    summary: str  # its annotation `summary`, or `description`
    runbook: str  # its annotation `runbook_url`, or `runbook`
    silenced_by: tuple[str, ...] = ()  # ids of silences
    inhibited: bool = False


@dataclass(frozen=True, slots=True)
class HeldSilence:
    """In force, or pending: one that begins later."""

    id: str
    state: Literal["active", "pending"]
    matchers: str  # as its own page writes them: alertname="Full" disk=~"a|b"
    starts_at: float | None
    ends_at: float | None
    by: str
    comment: str


@dataclass(frozen=True, slots=True)
class AlertmanagerValues:
    """Of a flood only the first are kept, but all are counted."""

    about: str  # its address
    alerts: tuple[HeldAlert, ...]
    silences: tuple[HeldSilence, ...]
    firing: int
    suppressed: int
    silenced: int  # silences in force
