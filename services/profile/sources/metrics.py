"""[sources.NAME] kind = "prometheus", "promql", "json": figures that others publish over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from services.json_path import steps
from services.metrics.selector import METRIC, Selector
from services.model import Model
from services.profile.sources.asked import Asked

Metric = Annotated[str, Field(pattern=METRIC)]
FigureName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_-]*$")]  # a unit is told by how it ends: _s, _bytes


class OverHttp(Asked):
    url: str
    headers: dict[str, str] = Field(default_factory=dict)


class EndpointMetrics(Model):
    """[sources.NAME.http]: which metrics count an API's requests, and which labels say where and how they ended."""

    requests: Metric = "http_requests_total"
    duration: Metric = "http_request_duration_seconds"  # a histogram
    queries: Metric | None = None  # a histogram of the time that requests spend in the database
    endpoint: str = "path"
    status: str = "status"

    @property
    def counted(self) -> Selector:
        return Selector(metric=self.requests)

    @property
    def timed(self) -> Selector:
        return Selector(metric=self.duration)

    @property
    def queried(self) -> Selector | None:
        return Selector(metric=self.queries) if self.queries else None

    def ended(self, digit: str) -> Selector:
        """The requests whose status begins with it: 503, and 5xx as well."""
        return Selector(metric=self.requests, match={self.status: f"~{digit}.."})


class PrometheusSource(OverHttp):
    """A page of metrics. Series that no rule, no pane and no `keep` names are read over."""

    kind: Literal["prometheus"]
    keep: tuple[str, ...] = ()  # names of metrics, `*` stands for anything
    max_bytes: int = Field(default=16_777_216, gt=0)
    http: EndpointMetrics | None = None


class PromqlSource(OverHttp):
    """A Prometheus server: what it answers to queries, and its own alerts."""

    kind: Literal["promql"]
    queries: dict[FigureName, str] = Field(default_factory=dict)  # name of the figure -> expression
    alerts: bool = False
    max_bytes: int = Field(default=1_048_576, gt=0)

    @model_validator(mode="after")
    def _asks(self) -> PromqlSource:
        if not self.queries and not self.alerts:
            raise ValueError("it asks for nothing: name `queries`, or set `alerts = true`")
        return self


class Items(Model):
    """A figure for each item of a list in the document: `labels` tell them apart, `note` says what each is about."""

    list: str  # the path to it
    value: str = ""  # the path to the figure in an item; empty: 1
    labels: Annotated[tuple[str, ...], Field(min_length=1)]  # keys of an item
    note: str = ""  # a key as well
    most: int = Field(default=50, ge=1, le=200)  # the first ones


class JsonSource(OverHttp):
    """A JSON document: figures by their path in it, as services/json_path.py tells, and figures of each in a list."""

    kind: Literal["json"]
    figures: dict[FigureName, str] = Field(default_factory=dict)
    items: dict[FigureName, Items] = Field(default_factory=dict)
    also: tuple[int, ...] = ()  # statuses beside those of success that come with the document: 503 of a readiness
    max_bytes: int = Field(default=1_048_576, gt=0)

    @field_validator("figures")
    @classmethod
    def _paths(cls, figures: dict[str, str]) -> dict[str, str]:
        for path in figures.values():
            steps(path)
        return figures

    @field_validator("items")
    @classmethod
    def _lists(cls, items: dict[str, Items]) -> dict[str, Items]:
        for each in items.values():
            steps(each.list)
            steps(each.value or ".")
        return items

    @model_validator(mode="after")
    def _asks(self) -> JsonSource:
        if not self.figures and not self.items:
            raise ValueError("it asks for nothing: name `figures` or `items`")
        return self
