"""One thing that happened in the course of an incident."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal["incident", "alert", "action", "step", "deploy"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened; its texts are safe, and one line each. `ref`: the id of what tells more."""

    at: float  # unix seconds
    kind: Kind
    what: str
    by: str = ""
    ref: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)
