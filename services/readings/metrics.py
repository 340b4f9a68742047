"""What a page of metrics says, as far as rules and panes ask for it, and what is made of it for endpoints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from services.readings.figure import NOT_CONFIGURED, Figure, Unknown

Labels: TypeAlias = tuple[tuple[str, str], ...]  # sorted by name


@dataclass(frozen=True, slots=True)
class MetricSample:
    """One series at one moment, its value as the page gives it: also NaN and the infinities."""

    name: str
    labels: Labels
    value: float

    @property
    def key(self) -> str:
        """`name`, or `name{a=b,c=d}`: what a figure path calls it."""
        told = ",".join(f"{label}={value}" for label, value in self.labels)
        return f"{self.name}{{{told}}}" if told else self.name

    @property
    def figure(self) -> Figure:
        if math.isfinite(self.value):
            return self.value
        return Unknown("failed", f"{self.name} is reported as {self.value:g}")


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """A metric that was asked for and is on the page, with or without series that match."""

    name: str  # of the samples: `http_requests_total`, `http_request_duration_seconds_bucket`
    kind: str  # counter, gauge, histogram, summary, ... as its TYPE line says; "" without one
    labels: tuple[str, ...]  # the label names its series have


@dataclass(frozen=True, slots=True)
class MetricsValues:
    """One scrape. Only the series that were asked for are kept, so that it can be recorded and replayed."""

    about: str  # the address
    samples: tuple[MetricSample, ...]
    families: tuple[MetricFamily, ...]
    started_at: float | None  # process_start_time_seconds, where the page has exactly one
    series: int  # on the whole page
    size_bytes: int


@dataclass(frozen=True, slots=True)
class EndpointFigures:
    """One endpoint over a window, or all of them together with the name ""."""

    endpoint: str
    requests: Figure  # in the window
    per_second: Figure
    share_4xx: Figure
    share_5xx: Figure
    p50_s: Figure
    p95_s: Figure
    p99_s: Figure
    db_p95_s: Figure = NOT_CONFIGURED  # of its time in the database


@dataclass(frozen=True, slots=True)
class EndpointsFigures:
    """What the API view shows: endpoints by traffic, the busiest first."""

    endpoints: tuple[EndpointFigures, ...]
    total: EndpointFigures
    window_s: float
    coverage: float  # share of the window that was observed
