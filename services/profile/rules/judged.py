"""What every table under [rules] has: its levels, when it counts, what missing data means, and where help is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from services.metrics.selector import Selector
from services.model import Model, Seconds
from services.profile.week import Week
from services.units import Unit

Op = Literal[">", ">=", "<", "<="]
LevelName = Literal["warn", "page"]


class Level(Model):
    """One threshold of a rule. An instance is at one level at a time; going from warn to page is no second alert."""

    op: Op = ">"
    value: float
    for_: Seconds = Field(default=0.0, alias="for")
    clear: float | None = None  # it ends on the good side of this; None: of `value`
    window: Annotated[Seconds, Field(gt=0)] | None = None  # for kinds that look back; None: the rule's
    severity: str = ""  # None of its own: the rule's


class Hours(Week):
    """When a rule is judged at all: business hours, or with `invert` everything else."""

    days: tuple[int, ...] = Field(default=(1, 2, 3, 4, 5), min_length=1)
    hours: str = "09:00-17:30"
    invert: bool = False


class Rate(NamedTuple):
    """Of counters, added up by these labels; its past is kept for so many seconds."""

    selector: Selector
    by: tuple[str, ...]
    keep_s: float


class AnyRule(Model):
    """What every kind has. One level is written flat (`op`, `value`, `for`, `clear`), two as [warn] and [page]."""

    compares: ClassVar[bool] = True  # with a number that the profile gives

    title: str
    kind: str
    source: str
    severity: str = ""
    runbook: str = ""
    assumption: str = ""
    remedy: str = ""  # action id
    op: Op = ">"
    value: float | None = None
    for_: Seconds = Field(default=0.0, alias="for")
    clear: float | None = None
    window: Seconds = Field(default=300.0, gt=0)
    warn: Level | None = None
    page: Level | None = None
    min_events: int = Field(default=0, ge=0)
    min_coverage: float = Field(default=0.8, gt=0, le=1)  # of the window that was observed
    no_data: Literal["hold", "ok", "alert"] = "hold"
    no_data_for: Seconds = 180.0
    keep_firing: Seconds = 0.0
    when: Hours | None = None
    inhibited_by: tuple[str, ...] = ()  # ids of rules

    @cached_property
    def levels(self) -> tuple[tuple[LevelName, Level], ...]:
        """The worst first."""
        if self.value is not None or not self.compares:
            value = 0.0 if self.value is None else self.value
            return (("page", Level.model_construct(op=self.op, value=value, for_=self.for_, clear=self.clear)),)
        named: tuple[tuple[LevelName, Level | None], ...] = (("page", self.page), ("warn", self.warn))
        return tuple((name, level) for name, level in named if level is not None)

    @property
    def about(self) -> str:
        """The figure or the metric that is judged."""
        raise NotImplementedError

    @property
    def counted_in(self) -> Unit:
        """What its value and its thresholds are numbers of."""
        return ""

    @property
    def figures(self) -> Mapping[str, str]:
        """The figure paths in its table, by their keys."""
        return MappingProxyType({})

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """The series that it needs of a source's scrapes."""
        return ()

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates whose past it needs for longer than scrapes are kept."""
        return ()

    @property
    def recorded(self) -> Mapping[str, float]:
        """The figures whose past it needs, and for how many seconds."""
        return MappingProxyType({})

    def window_of(self, level: Level) -> float:
        return self.window if level.window is None else level.window

    @property
    def longest_window(self) -> float:
        return max(self.window_of(level) for _, level in self.levels)

    @model_validator(mode="after")
    def _one_way(self) -> AnyRule:
        if not self.compares:
            if self.value is not None or self.warn or self.page:
                raise ValueError("this kind compares with no number: it takes neither `value` nor [warn] and [page]")
        elif self.value is not None and (self.warn or self.page):
            raise ValueError("either one level written flat (`value`), or [warn] and [page]")
        elif self.value is None and not (self.warn or self.page):
            raise ValueError("a threshold is missing: `value`, or [warn] and [page]")
        return self
