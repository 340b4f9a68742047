"""What one effect's own preview adds to the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.actions.plan import Target


@dataclass(frozen=True)
class Found:
    targets: tuple[Target, ...]
    matching: int
    changes: tuple[str, ...]
    reversible: bool | None  # None: nothing is changed
    name: str  # what is typed to confirm a high risk outside production
    noun: str = "row"
    total: int | None = None  # where `targets` are only the first of them
    matching_at_least: bool = False
    per_type: dict[str, int] = field(default_factory=dict)
    table_share: float | None = None
    fidelity: str = "exact"
    warnings: tuple[str, ...] = ()
    detail: dict[str, Any] = field(default_factory=dict)
    # Where looking takes its time, and every target is looked at once more before it is touched: when that was done,
    # by the clock of the place. None: the preview is as old as its beginning.
    taken_at: float | None = None

    @property
    def count(self) -> int:
        return len(self.targets) if self.total is None else self.total
