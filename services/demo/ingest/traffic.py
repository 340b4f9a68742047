"""Who sends to the ingest API: a steady trickle of sensors and readers, and the backfill that a scenario begins."""

from __future__ import annotations

import http.client
import json
import random
import threading
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

PACE_S = 0.2
USUAL = 4.6  # requests in a second, of the trickle
BACKFILL = 12  # batches a turn
BACKFILL_ITEMS = 200


@dataclass
class Traffic:
    """A switch for a scenario; one turn later it shows."""

    backfill: bool = False
    refused: bool = False  # the backfill was told that its batches are too large: it stops, to be started smaller


def send(api: str, traffic: Traffic, stopped: threading.Event) -> None:
    """One thing after the other until `stopped`. What the API answers is for its own metrics to tell."""
    sensors = _Senders(api)
    while not stopped.wait(PACE_S):
        sensors.one()
        if traffic.backfill and not traffic.refused:
            statuses = [sensors.batch(BACKFILL_ITEMS) for _ in range(BACKFILL)]
            traffic.refused = 413 in statuses


class _Senders:
    """All of them over one kept connection."""

    def __init__(self, api: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(api).netloc, timeout=5)

    def one(self) -> None:
        turn = random.random()  # noqa: S311 - no secret
        if turn < 0.6:
            self._ask("POST", "/api/ingest", _event())
        elif turn < 0.7:
            self.batch(5)
        else:
            self._ask("GET", "/api/events" if turn < 0.95 else "/api/stats")

    def batch(self, items: int) -> int:
        return self._ask("POST", "/api/ingest/batch", {"items": [_event() for _ in range(items)]})

    def _ask(self, method: str, path: str, data: object = None) -> int:
        """The status; 0 where there was no answer."""
        try:
            body = None if data is None else json.dumps(data)
            self._connection.request(method, path, body, {"X-Request-Id": uuid.uuid4().hex[:16]})
            answer = self._connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0


def _event() -> dict[str, object]:
    return {"source": f"sensor-{random.randrange(40)}", "value": random.randrange(97)}  # noqa: S311
