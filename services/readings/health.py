"""What health endpoints say."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.fault import Fault


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One endpoint asked once. `status` is the HTTP status; `fault` is set when there was no usable answer at all."""

    path: str
    ok: bool
    status: int | None
    latency_s: float | None
    version: str = ""
    body: str = ""  # first 200 safe characters, for the detail pane
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class HealthValues:
    base_url: str
    checks: tuple[HealthCheck, ...]

    @property
    def failing(self) -> int:
        return sum(not check.ok for check in self.checks)
