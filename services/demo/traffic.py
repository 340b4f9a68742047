"""The API's users: a steady trickle of the requests that the web app makes."""

from __future__ import annotations

import http.client
import random
import threading
from urllib.parse import urlsplit

PACE_S = 0.3


def browse(api: str, stopped: threading.Event) -> None:
    """Asks one thing after the other until `stopped`. What the API answers is for its own metrics to tell."""
    connection = http.client.HTTPConnection(urlsplit(api).netloc, timeout=5)
    while not stopped.wait(PACE_S):
        run = random.randint(1, 500)  # noqa: S311 - no secret
        path = random.choice(("/api/sessions", f"/api/runs/{run}/progress", f"/api/datasets/{run}/url"))  # noqa: S311
        try:
            connection.request("GET", path)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()
