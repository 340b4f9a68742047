"""A Prometheus server, asked by PromQL: the road to long windows, many machines and native histograms."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from services.errors import SourceError
from services.json_path import unit
from services.profile import PromqlSource
from services.readings import NOT_CONFIGURED, Figure, NamedFigure, PrometheusAlert, PromqlValues, Unknown
from services.sources.http_client import HttpClient
from services.sources.json import parsed
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

T = TypeVar("T")

_REFUSALS = (400, 422, 503)  # with which Prometheus says in JSON what is wrong
_RESULTS = 200  # series of one query, and alerts
_QUERY = "/api/v1/query"
_ALERTS = "/api/v1/alerts"


def make(name: str, spec: PromqlSource, parts: Parts) -> Promql:
    return Promql(name, spec)


class Promql:
    """Each query by itself, all at the same time: one that is refused is unknown, and the others are told."""

    def __init__(self, name: str, spec: PromqlSource) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._client = HttpClient(spec.url, spec.headers, spec.timeout, spec.max_bytes)

    async def fetch(self) -> PromqlValues:
        """SourceError when nothing at all was answered."""
        queries = self._spec.queries
        asking = asyncio.gather(*(_told(self._query(name, query)) for name, query in queries.items()))
        answers, alerts = await asyncio.gather(asking, _told(self._alerts()))
        errors = [answer for answer in (*answers, alerts) if isinstance(answer, SourceError)]
        if errors and len(errors) == len(queries) + self._spec.alerts:
            raise errors[0]
        figures: list[NamedFigure] = []
        for name, answer in zip(queries, answers, strict=True):
            figures += [NamedFigure(name, _failed(answer))] if isinstance(answer, SourceError) else answer
        told = _failed(alerts) if isinstance(alerts, SourceError) else alerts
        return PromqlValues(self._client.shown_url, tuple(figures), alerts=told)

    async def close(self) -> None:
        await self._client.close()

    async def _query(self, name: str, query: str) -> list[NamedFigure]:
        data = await self._ask(_QUERY, {"query": query, "timeout": f"{self.timeout_s:g}s"})
        kind, result = data.get("resultType"), data.get("result")
        if kind == "scalar":
            return [NamedFigure(name, _value(result), unit(name))]
        if kind != "vector" or not isinstance(result, list):
            raise SourceError("config", f"{name}: the query gives a {safe(kind, 40)}, no figures", "select one instant")
        if len(result) > _RESULTS:
            many = Unknown("failed", f"it gives {len(result)} series; aggregate to {_RESULTS} or fewer")
            return [NamedFigure(name, many)]
        if not result:
            return [NamedFigure(name, Unknown("no data yet", "the query finds no series"))]
        return [NamedFigure(name, _value(one.get("value")), unit(name), _labels(one.get("metric"))) for one in result]

    async def _alerts(self) -> tuple[PrometheusAlert, ...] | Unknown:
        if not self._spec.alerts:
            return NOT_CONFIGURED
        alerts = (await self._ask(_ALERTS)).get("alerts")
        found = [_alert(one) for one in alerts if isinstance(one, dict)] if isinstance(alerts, list) else []
        found.sort(key=lambda alert: (alert.state != "firing", alert.name, alert.labels))
        return tuple(found[:_RESULTS])

    async def _ask(self, path: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The data of an answer; an error in Prometheus' own words."""
        answer = parsed(await self._client.get_ok(path, params, also=_REFUSALS), self._client, path)
        data = answer.get("data") if isinstance(answer, dict) else None
        if isinstance(data, dict) and answer.get("status") == "success":
            return data
        said = answer if isinstance(answer, dict) else {}
        words = f"{said.get('errorType', 'no data')}: {said.get('error', 'the answer is not what Prometheus gives')}"
        remedy = "check the query in the profile" if params else "check `url` of the source in the profile"
        raise SourceError("protocol", safe(f"{self._client.where(path)}: {words}", 400), remedy)


async def _told(asking: Awaitable[T]) -> T | SourceError:
    """What is answered, or why it is not: the other questions shall not fail with this one."""
    try:
        return await asking
    except SourceError as error:
        return error


def _failed(error: SourceError) -> Unknown:
    return Unknown("failed", error.message)


def _value(pair: Any) -> Figure:
    """Of a pair of time and text."""
    try:
        value = float(pair[1])
    except (TypeError, ValueError, IndexError, KeyError):
        return Unknown("failed", "the query gives a native histogram, no number")
    return value if math.isfinite(value) else Unknown("no data yet", f"the query gives {value:g}")


def _labels(metric: Any, without: tuple[str, ...] = ("__name__",)) -> tuple[tuple[str, str], ...]:
    pairs = metric.items() if isinstance(metric, dict) else ()
    return tuple(sorted((safe(name, 200), safe(value, 400)) for name, value in pairs if name not in without))


def _alert(one: dict[str, Any]) -> PrometheusAlert:
    labels, notes = (found if isinstance(found := one.get(key), dict) else {} for key in ("labels", "annotations"))
    return PrometheusAlert(
        safe(labels.get("alertname"), 200),
        safe(one.get("state"), 40),
        safe(labels.get("severity"), 40),
        _moment(one.get("activeAt")),
        _value((0, one.get("value"))),
        _labels(labels, ("alertname", "severity")),
        safe(notes.get("summary") or notes.get("description"), 400),
        safe(notes.get("runbook_url"), 400),
    )


def _moment(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None
