"""A figure: a number, an estimate, a lower bound, or why there is none. Unknown is never zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Why = Literal["no data yet", "not recorded", "not permitted", "restricted", "not configured", "failed"]


@dataclass(frozen=True, slots=True)
class Unknown:
    """No figure, and why; `detail` is one sentence for the operator."""

    why: Why
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.why}: {self.detail}" if self.detail else self.why


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from statistics, not from counting; shown with a leading `~`."""

    value: float


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A lower bound: a count that stopped at its cap, a quantile in the last bucket; shown as `10k+`."""

    value: int | float


Figure: TypeAlias = int | float | Estimate | AtLeast | Unknown

NO_DATA_YET = Unknown("no data yet")
NOT_RECORDED = Unknown("not recorded", "this queue does not record it")
NOT_CONFIGURED = Unknown("not configured")
RESTRICTED = Unknown("restricted", "your role does not see it without an elevation")


def number(figure: Figure) -> float | None:
    """The plain value for sorting and plotting; None when unknown."""
    if isinstance(figure, Unknown):
        return None
    return float(figure.value if isinstance(figure, Estimate | AtLeast) else figure)
