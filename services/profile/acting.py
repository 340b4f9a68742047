"""What every table under [actions] has: who may do it, how carefully, and about how many things at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Model

Role = Literal["viewer", "operator", "admin"]
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

    @property
    def complete(self) -> bool:
        """Whether it needs no selection: it knows by itself what it is about."""
        return False
