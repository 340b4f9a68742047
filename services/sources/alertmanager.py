"""An Alertmanager's alerts and silences, by its API v2: the two together are one reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from services.errors import SourceError
from services.profile import AlertmanagerSource
from services.readings import AlertmanagerValues, HeldAlert, HeldSilence
from services.sources.http_client import HttpClient
from services.sources.json import parsed
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

ALERTS = "/api/v2/alerts"
SILENCES = "/api/v2/silences"
_KEPT_ALERTS = 500
_KEPT_SILENCES = 200
_LABELS = 40  # of one alert
_OPERATORS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}  # is equal, is regex


def make(name: str, spec: AlertmanagerSource, parts: Parts) -> Alertmanager:
    return Alertmanager(name, spec)


class Alertmanager:
    def __init__(self, name: str, spec: AlertmanagerSource) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._client = client(spec)

    async def fetch(self) -> AlertmanagerValues:
        alerts, silences = await asyncio.gather(listed(self._client, ALERTS), listed(self._client, SILENCES))
        return await asyncio.to_thread(self._values, alerts, silences)  # a storm of them is tens of thousands

    def _values(self, alerts: list[dict[str, Any]], silences: list[dict[str, Any]]) -> AlertmanagerValues:
        suppressed = sum(_suppressed(one) for one in alerts)
        standing = [one for one in silences if status(one) in ("active", "pending")]
        alerts.sort(key=_suppressed)  # of a flood, what fires is kept
        standing.sort(key=status)  # and what is in force
        return AlertmanagerValues(
            self._client.shown_url,
            tuple(sorted(map(_alert, alerts[:_KEPT_ALERTS]), key=lambda one: (one.state, one.name, one.labels))),
            tuple(map(_silence, standing[:_KEPT_SILENCES])),
            firing=len(alerts) - suppressed,
            suppressed=suppressed,
            silenced=sum(status(one) == "active" for one in standing),
        )

    async def close(self) -> None:
        await self._client.close()


def client(spec: AlertmanagerSource) -> HttpClient:
    return HttpClient(spec.url, {"accept": "application/json", **spec.headers}, spec.timeout, spec.max_bytes)


async def listed(client: HttpClient, path: str) -> list[dict[str, Any]]:
    """The objects of an answer that is a list of them, as they are: nothing in them is safe to show yet."""
    answer = parsed(await client.get_ok(path), client, path)
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
        words = f"{client.where(path)}: the answer is not what an Alertmanager gives"
        raise SourceError("protocol", words, "check `url` of the source in the profile")
    return answer


def status(one: Mapping[str, Any]) -> str:
    return str(_table(one, "status").get("state"))


def moment(text: Any) -> float | None:
    """Unix seconds of a time as the API writes it."""
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return None


def matchers(told: Any) -> str:
    """As its own page writes them, safe to show."""
    found = (one for one in told if isinstance(one, dict)) if isinstance(told, list) else ()
    return " ".join(_matcher(one) for one in list(found)[:_LABELS])


def _matcher(one: Mapping[str, Any]) -> str:
    operator = _OPERATORS[bool(one.get("isEqual", True)), bool(one.get("isRegex"))]
    value = safe(one.get("value"), 400).replace('"', r"\"")  # or it could pass for another matcher
    return f'{safe(one.get("name"), 200)}{operator}"{value}"'


def _suppressed(one: Mapping[str, Any]) -> bool:
    """An alert that is so new that it was not looked at yet counts as firing."""
    return status(one) == "suppressed"


def _alert(one: dict[str, Any]) -> HeldAlert:
    labels, notes, state = (_table(one, key) for key in ("labels", "annotations", "status"))
    return HeldAlert(
        name=safe(labels.get("alertname"), 200),
        fingerprint=safe(one.get("fingerprint"), 64),
        state="suppressed" if _suppressed(one) else "firing",
        severity=safe(labels.get("severity"), 40),
        since=moment(one.get("startsAt")),
        labels=_pairs((name, value) for name, value in labels.items() if name not in ("alertname", "severity")),
        summary=safe(notes.get("summary") or notes.get("description"), 400),
        runbook=safe(notes.get("runbook_url") or notes.get("runbook"), 400),
        silenced_by=tuple(safe(id, 64) for id in _list(state, "silencedBy")),
        inhibited=bool(_list(state, "inhibitedBy")),
    )


def _silence(one: dict[str, Any]) -> HeldSilence:
    return HeldSilence(
        id=safe(one.get("id"), 64),
        state="pending" if status(one) == "pending" else "active",
        matchers=safe(matchers(one.get("matchers")), 1000),
        starts_at=moment(one.get("startsAt")),
        ends_at=moment(one.get("endsAt")),
        by=safe(one.get("createdBy"), 80),
        comment=safe(one.get("comment"), 400),
    )


def _pairs(labels: Iterable[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((safe(name, 200), safe(value, 400)) for name, value in labels)[:_LABELS])


def _table(one: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = one.get(key)
    return found if isinstance(found, dict) else {}


def _list(one: Mapping[str, Any], key: str) -> list[Any]:
    found = one.get(key)
    return found[:_LABELS] if isinstance(found, list) else []
