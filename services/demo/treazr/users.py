"""Those who use the platform: they look, store, log in, and their browsers report how late pages appeared."""

from __future__ import annotations

import http.client
import json
import random
import threading
from urllib.parse import urlsplit

PACE_S = 0.08
WRITES = 0.15  # of the turns
LOGINS = 0.25
VIEWS = 0.2
WRONG = 0.003  # of the logins: a password that was mistyped


def browse(api: str, stopped: threading.Event) -> None:
    """One thing after the other until `stopped`. What the API answers is for its own metrics to tell."""
    connection = http.client.HTTPConnection(urlsplit(api).netloc, timeout=5)
    while not stopped.wait(PACE_S * random.uniform(0.5, 1.5)):  # noqa: S311 - no secret
        method, path, body = _turn(random.random())  # noqa: S311
        try:
            connection.request(method, path, body)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            connection.close()


def _turn(dice: float) -> tuple[str, str, str | None]:
    if dice < WRITES:
        return "POST", "/treasures", "{}"
    if dice < WRITES + LOGINS:
        return "POST", "/login", json.dumps({"right": random.random() >= WRONG})  # noqa: S311
    if dice < WRITES + LOGINS + VIEWS:
        return "POST", "/vitals", json.dumps({"lcp_s": random.lognormvariate(0.2, 0.35)})
    return "GET", "/treasures", None
