"""The tables under [actions]: what may be done, by whom and how carefully."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Model

Role = Literal["viewer", "operator", "admin"]
Risk = Literal["low", "medium", "high"]


class _Action(Model):
    title: str
    key: str = ""  # the capital letter that starts it
    role: Role = "operator"
    risk: Risk = "medium"
    cap: int = Field(default=100, ge=1, le=1000)
    runbook: str = ""
    help: str = ""


class RowsAction(_Action):
    """Changes rows as the queue's preset says under `[actions.DO]`."""

    effect: Literal["rows"]
    queue: str
    do: str
    select: Literal["stale", "rows"] = (
        "rows"  # stale: rows with both signs of death; rows: named or matched by a filter
    )


class FlagAction(_Action):
    """Writes one feature flag. `{param}` in `flag` is filled from the parameters."""

    effect: Literal["flag"]
    queue: str
    flag: str
    enabled: bool | None = None  # None: the parameter `enabled` says
    takes_value: bool = False
    params: dict[str, str] = Field(default_factory=dict)  # placeholder -> pattern it must match in full


Action = Annotated[RowsAction | FlagAction, Field(discriminator="effect")]
