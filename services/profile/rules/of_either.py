"""Rules about a figure, or about the series of a scraped metric."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from services.metrics.selector import METRIC, Selector
from services.profile.rules.judged import AnyRule, Level, Rate
from services.units import Unit, of_figure

Metric = Annotated[str, Field(pattern=METRIC)]


class OfEither(AnyRule):
    figure: str = ""
    metric: Metric | Literal[""] = ""
    match: dict[str, str] = Field(default_factory=dict)

    @property
    def about(self) -> str:
        return self.figure or self.metric

    @property
    def figures(self) -> Mapping[str, str]:
        return MappingProxyType({"figure": self.figure} if self.figure else {})

    @cached_property
    def selector(self) -> Selector | None:
        """None: it is about a figure."""
        return Selector(metric=self.metric, match=self.match) if self.metric else None

    @property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.selector,) if self.selector else ()

    @model_validator(mode="after")
    def _of_one(self) -> OfEither:
        if bool(self.figure) == bool(self.metric):
            raise ValueError("it is about one thing: a `figure`, or a `metric`")
        if self.figure and self.match:
            raise ValueError("`match` chooses among the series of a `metric`; a figure's names take `*`")
        assert self.figure or self.selector  # which refuses what is no pattern
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
    by: tuple[str, ...] = ()  # of a metric: the labels that tell instances apart
    direction: Literal["up", "down", "both"] = "up"
    warn: FactorLevel | None = None
    page: FactorLevel | None = None

    @property
    def counted_in(self) -> Unit:
        return of_figure(self.figure) if self.figure else "per_s"

    @property
    def recorded(self) -> Mapping[str, float]:
        return MappingProxyType({self.figure: self.longest_window} if self.figure else {})

    @property
    def rates(self) -> tuple[Rate, ...]:
        return (Rate(self.selector, self.by, self.longest_window),) if self.selector else ()
