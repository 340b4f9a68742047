"""When something that comes round is due again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.records.completion import Completion

When: TypeAlias = Literal["ok", "due soon", "due now", "overdue", "unknown"]


@dataclass(frozen=True, slots=True)
class Due:
    """`due now` is what was never done: nobody has missed it yet."""

    id: str
    title: str
    every: float  # seconds
    when: When
    last: Completion | None = None
    at: float | None = None  # unix seconds: when it is due; None where nobody knows when it was done last
