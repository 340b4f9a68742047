"""The application's users: they upload documents, sign in, and look at audits."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from urllib.parse import urlsplit

PACE_S = 0.35
UPLOADS = 0.5  # of the turns
WRONG_TYPE = 0.03  # of the uploads


def work(api: str, oauth: str, stopped: threading.Event) -> None:
    """One thing after the other until `stopped`."""
    application, signing_in = _Client(api), _Client(oauth)
    while not stopped.wait(PACE_S):
        if random.random() < UPLOADS:  # noqa: S311 - no secret
            ending = "docx" if random.random() < WRONG_TYPE else "pdf"  # noqa: S311
            application.post("/api/upload", {"fileName": f"sheet-{time.time_ns()}.{ending}", "bytes": 200_000})
        else:
            token = signing_in.post("/token", {}).get("token", "")
            application.post("/api/trpc/audits", {}, {"Authorization": f"Bearer {token}"})


class _Client:
    """One kept connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=6)

    def post(self, path: str, data: object, headers: dict[str, str] | None = None) -> dict[str, str]:
        """The answer; nothing where there was none."""
        try:
            self._connection.request("POST", path, json.dumps(data), headers or {})
            told: dict[str, str] = json.loads(self._connection.getresponse().read())
            return told
        except (OSError, ValueError, http.client.HTTPException):
            self._connection.close()
            return {}
