"""What one look at one source says about a rule: it holds, it does not, or that cannot be told."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings import Figure


@dataclass(frozen=True, slots=True)
class Verdict:
    holds: bool | None  # None: unknown, for the `reason`
    value: Figure
    reason: str = ""
