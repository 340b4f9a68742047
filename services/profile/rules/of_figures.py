"""Rules about a figure that a source reports. `*` for a name in its path makes an instance of each: an alert each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import Field

from services.model import Seconds
from services.profile.rules.judged import AnyRule, Level
from services.units import Unit, of_figure


class OfFigure(AnyRule):
    figure: str  # dotted path in the source's values: "total.failure_rate", "types.*.waiting", "figures.lag_s{*}"

    @property
    def about(self) -> str:
        return self.figure

    @property
    def counted_in(self) -> Unit:
        return of_figure(self.figure)

    @property
    def figures(self) -> Mapping[str, str]:
        return MappingProxyType({"figure": self.figure})


class ThresholdRule(OfFigure):
    """The figure, as it is or over a window, against a number."""

    kind: Literal["threshold"] = "threshold"
    events: str = ""  # figure that must be at least min_events, or the verdict is unknown
    over: Literal["last", "mean", "min", "max", "p50", "p95", "p99"] = "last"

    @property
    def figures(self) -> Mapping[str, str]:
        return MappingProxyType({"figure": self.figure} | ({"events": self.events} if self.events else {}))

    @property
    def recorded(self) -> Mapping[str, float]:
        return MappingProxyType({} if self.over == "last" else {self.figure: self.longest_window})


class GrowthRule(OfFigure):
    """The figure rises through the whole window: its trend, each part's mean above the last, and enough in all."""

    kind: Literal["growth"]
    compares: ClassVar[bool] = False
    window: Seconds = Field(default=900.0, gt=0)
    part: Seconds = Field(default=300.0, gt=0)
    rise: float = Field(default=10.0, ge=0)  # at least so much over the window,
    rise_share: float = Field(default=0.1, ge=0)  # and at least this share of where it began

    @property
    def recorded(self) -> Mapping[str, float]:
        return MappingProxyType({self.figure: self.window})


class AgeLevel(Level):
    value: Seconds
    clear: Seconds | None = None


class AgeRule(OfFigure):
    """How long ago the point in time is that the figure tells: "30h", "1d"."""

    kind: Literal["age"]
    unit: Literal["unix", "s"] = "unix"  # a point in time, or seconds of age when it was read
    value: Seconds | None = None
    clear: Seconds | None = None
    warn: AgeLevel | None = None
    page: AgeLevel | None = None

    @property
    def counted_in(self) -> Unit:
        return "s"


class ChangeRule(OfFigure):
    """The figure, or the text, is not what it was: any change within the window, or by `more_than` against then."""

    kind: Literal["change"]
    compares: ClassVar[bool] = False
    window: Seconds = Field(default=3_600.0, gt=0)
    more_than: float | None = Field(default=None, ge=0)
    # of `more_than`: a share of what it was; or a count, which rises from 0 and may begin anew: only its rise is judged
    unit: Literal["absolute", "share", "count"] = "absolute"

    @property
    def recorded(self) -> Mapping[str, float]:
        return MappingProxyType({self.figure: self.window})
