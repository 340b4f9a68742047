"""What every table under [actions] has: who may do it, how carefully, and about how many things at once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import Field

from services.model import Model

Role = Literal["support", "viewer", "operator", "admin"]  # each may what those before it may
RANK: Mapping[Role, int] = MappingProxyType({role: rank for rank, role in enumerate(get_args(Role))})
Risk = Literal["low", "medium", "high"]
Argv = Annotated[tuple[str, ...], Field(min_length=1)]
Patterns = Annotated[tuple[str, ...], Field(min_length=1)]
Cap = Annotated[int, Field(ge=1, le=1000)]


class Acting(Model):
    title: str
    key: str = ""  # the capital letter that starts it
    role: Role = "operator"
    risk: Risk = "medium"
    cap: Cap = 1  # how many things one confirmation may be about
    runbook: str = ""
    help: str = ""
    # words that must be typed, whatever the risk: for what cannot be taken back
    confirm: Annotated[str, Field(pattern=r"^(\S(.{0,58}\S)?)?$")] = ""
    gate: str = ""  # a checklist with `gate`: unless it is green the risk is high, and a reason is asked for

    @property
    def bound(self) -> int:
        """How many things one confirmation may be about, whichever key says it."""
        return self.cap

    @property
    def complete(self) -> bool:
        """Whether it needs no selection: it knows by itself what it is about."""
        return False
