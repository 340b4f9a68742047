"""People who use the application, through the front."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import threading

PAUSE_S = 0.12
_PATHS = ("/api/engines", "/api/reports", "/api/reports", "/api/engines", "/api/reports")
DENIED_EVERY = 400  # requests


def browse(host: str, stopped: threading.Event) -> None:
    """In a thread of its own."""
    for number in itertools.count(1):
        if stopped.wait(PAUSE_S):
            return
        path = "/api/exports" if number % DENIED_EVERY == 0 else _PATHS[number % len(_PATHS)]
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            contextlib.closing(http.client.HTTPConnection(host, timeout=5)) as link,
        ):
            link.request("GET", path)
            link.getresponse().read()
