"""An Alertmanager as an action meets it: alerts with their labels as they are, and silences set and found again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.actions.effects.once import Answer, sent
from services.errors import SourceError
from services.profile import AlertmanagerSource
from services.sources.alertmanager import ALERTS, SILENCES, client, listed, moment, status
from services.sources.json import parsed
from services.text import safe

_ID = re.compile(r"[0-9A-Za-z-]{1,64}")


@dataclass(frozen=True)
class Told:
    """One alert. The labels are as they came: what is compared and sent back, never shown."""

    fingerprint: str
    labels: Mapping[str, str]
    state: str
    since: float | None
    silenced: bool

    @property
    def name(self) -> str:
        return safe(self.labels.get("alertname"), 200)

    @property
    def words(self) -> str:
        """Its other labels, safe to show."""
        return safe(" ".join(f"{name}={value}" for name, value in self.labels.items() if name != "alertname"), 300)

    def has(self, labels: Mapping[str, str]) -> bool:
        return labels.items() <= self.labels.items()


class Api:
    """SourceError when it does not answer a question, or with nonsense."""

    def __init__(self, spec: AlertmanagerSource, timeout: float) -> None:
        self._spec = spec
        self._timeout = timeout
        self._client = client(spec)

    async def __aenter__(self) -> Api:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.close()

    async def alerts(self) -> list[Told]:
        return [_told(one) for one in await listed(self._client, ALERTS)]

    async def silence(self, id: str) -> dict[str, Any] | None:
        path = f"/api/v2/silence/{id}"
        body = await self._client.get_ok(path, also=(404,))
        found = parsed(body, self._client, path) if body.status != 404 else None
        return found if isinstance(found, dict) else None

    async def silence_of(self, action_id: str) -> dict[str, Any] | None:
        """The one whose comment names this action; an ended one is kept for days."""
        found = await listed(self._client, SILENCES)
        return next((one for one in found if action_id in str(one.get("comment"))), None)

    async def add(self, silence: Mapping[str, Any], place: str) -> Answer:
        """ActionError: it was not sent. Unheard: whether it was taken is not known."""
        url = f"{self._spec.url.rstrip('/')}{SILENCES}"
        return await sent("POST", url, place, self._timeout, self._spec.headers, dict(silence))


def id_in(answer: Answer) -> str:
    """Of the silence that was taken; "" when the answer does not say."""
    try:
        found = json.loads(answer.body)["silenceID"]
    except (ValueError, KeyError, TypeError):
        return ""
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def _told(one: Mapping[str, Any]) -> Told:
    labels, state = one.get("labels"), one.get("status")
    if not isinstance(labels, dict) or not isinstance(state, dict):
        raise SourceError("protocol", "an alert without labels or state", "check `url` of the source in the profile")
    return Told(
        safe(one.get("fingerprint"), 64),
        {str(name): str(value) for name, value in labels.items()},
        "suppressed" if status(one) == "suppressed" else "firing",
        moment(one.get("startsAt")),
        bool(state.get("silencedBy")),
    )
