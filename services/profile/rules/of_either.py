"""Rules about a figure, or about the series of a scraped metric."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from services.profile.rules.judged import AnyRule, Level
from services.profile.rules.of_metrics import Match


class OfEither(AnyRule):
    figure: str = ""
    metric: str = ""
    match: Match = Field(default_factory=dict)
    by: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        return self.figure or self.metric

    @model_validator(mode="after")
    def _of_one(self) -> OfEither:
        if bool(self.figure) == bool(self.metric):
            raise ValueError("it is about one thing: a `figure`, or a `metric`")
        if self.figure and (self.match or self.by):
            raise ValueError("`match` and `by` choose among the series of a `metric`; a figure's names take `*`")
        return self


class AbsentRule(OfEither):
    """Something that should be there is not, while the source answers."""

    kind: Literal["absent"]
    compares: ClassVar[bool] = False


class FactorLevel(Level):
    value: float = Field(alias="factor", gt=1)


class BaselineRule(OfEither):
    """The figure, or the rate of a counter, against what is usual at this hour of the week."""

    kind: Literal["baseline"]
    value: float | None = Field(default=None, alias="factor", gt=1)
    floor: float | None = Field(default=None, ge=0)  # what is usual counts as at least this
    direction: Literal["up", "down", "both"] = "up"
    warn: FactorLevel | None = None
    page: FactorLevel | None = None

    @property
    def recorded(self) -> Mapping[str, float]:
        return MappingProxyType({self.figure: self.longest_window} if self.figure else {})
