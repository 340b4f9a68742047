"""Rules about the series of scraped metrics. `by` names the labels that tell instances apart: one alert for each."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from services.metrics.selector import METRIC, Selector
from services.model import Model, Seconds
from services.profile.rules.judged import AnyRule, Level, LevelName, Rate
from services.units import Unit, of_figure


class OfCounters(AnyRule):
    """`bad` and `all` are counters: the series of a metric with these labels, added up."""

    bad: Selector
    all: Selector
    by: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        return self.bad.metric

    @property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.bad, self.all)


class RatioRule(OfCounters):
    """The share of bad events in all events of the window."""

    kind: Literal["ratio"]

    @property
    def counted_in(self) -> Unit:
        return "share"


class QuantileRule(AnyRule):
    """A quantile of a histogram over the window; where a bucket ends at the threshold, the exact share beyond it."""

    kind: Literal["quantile"]
    histogram: Annotated[str, Field(pattern=METRIC)]  # the metric, without _bucket
    match: dict[str, str] = Field(default_factory=dict)
    by: tuple[str, ...] = ()
    q: float = Field(gt=0, lt=1)

    @property
    def about(self) -> str:
        return self.histogram

    @property
    def counted_in(self) -> Unit:
        return "s" if self.histogram.endswith("_seconds") else ""

    @cached_property
    def selector(self) -> Selector:
        return Selector(metric=self.histogram, match=self.match)

    @property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.selector.buckets(),)

    @model_validator(mode="after")
    def _named(self) -> QuantileRule:
        assert self.selector
        return self


class GaugeRule(AnyRule):
    """The series of a metric as they are now: added up, or the largest or the smallest of them. A sum over no series is
    0 where the page knows the metric, and unknown where it does not."""

    kind: Literal["gauge"]
    metric: Annotated[str, Field(pattern=METRIC)]
    match: dict[str, str] = Field(default_factory=dict)
    by: tuple[str, ...] = ()
    of: Literal["sum", "max", "min"] = "sum"

    @property
    def about(self) -> str:
        return self.metric

    @property
    def counted_in(self) -> Unit:
        return "s" if self.metric.endswith("_seconds") else of_figure(self.metric)

    @cached_property
    def selector(self) -> Selector:
        return Selector(metric=self.metric, match=self.match)

    @property
    def selectors(self) -> tuple[Selector, ...]:
        return (self.selector,)

    @model_validator(mode="after")
    def _chooses(self) -> GaugeRule:
        assert self.selector
        return self


class Pair(Model):
    """The budget burns `factor` times too fast over both: over the long window enough, over the short one still."""

    factor: float = Field(gt=0)
    long: Seconds
    short: Seconds = Field(gt=0)

    @model_validator(mode="after")
    def _longer(self) -> Pair:
        if self.short >= self.long:
            raise ValueError("`short` must be shorter than `long`")
        return self


class BurnLevel(Level):
    """It holds where any of its pairs does. Without pairs of its own it has those of its name."""

    value: float = 0.0  # set from the pairs
    pairs: tuple[Pair, ...] = ()


# Google's SRE workbook: 2 % of a month's budget in an hour and 5 % in six page; 10 % in one or three days are a ticket.
PAIRS: dict[LevelName, tuple[Pair, ...]] = {
    "page": (Pair(factor=14.4, long=3_600, short=300), Pair(factor=6, long=21_600, short=1_800)),
    "warn": (Pair(factor=3, long=86_400, short=7_200), Pair(factor=1, long=259_200, short=21_600)),
}


class BurnRule(OfCounters):
    """The error budget that `objective` leaves is being used up too fast."""

    kind: Literal["burn"]
    compares: ClassVar[bool] = False
    objective: float = Field(gt=0, lt=1)  # 0.999: one bad event in a thousand is in the budget
    warn: BurnLevel | None = None
    page: BurnLevel | None = None

    @cached_property
    def levels(self) -> tuple[tuple[LevelName, Level], ...]:
        """Those that are written, or both."""
        every = not (self.warn or self.page)
        named: tuple[tuple[LevelName, BurnLevel | None], ...] = (("page", self.page), ("warn", self.warn))
        return tuple((name, _level(name, level)) for name, level in named if level or every)

    @property
    def counted_in(self) -> Unit:
        return "times"

    @property
    def rates(self) -> tuple[Rate, ...]:
        return tuple(Rate(selector, self.by, self.longest_window) for selector in self.selectors)

    @model_validator(mode="after")
    def _one_way(self) -> BurnRule:
        if self.value is not None:
            raise ValueError("a burn rule takes its factors from the pairs of [page] and [warn]")
        return self


def _level(name: LevelName, level: BurnLevel | None) -> BurnLevel:
    pairs = level.pairs if level and level.pairs else PAIRS[name]
    found = level or BurnLevel()
    longest = max(pair.long for pair in pairs)
    return found.model_copy(update={"pairs": pairs, "value": min(pair.factor for pair in pairs), "window": longest})
