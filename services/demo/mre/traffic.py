"""The API's users: a steady trickle of what the web app does, and the unusual ones that scenarios send."""

from __future__ import annotations

import http.client
import json
import random
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.demo.mre.logins import password_of

PACE_S = 0.3
LOGINS = 0.15  # of the turns, so one in two seconds
MISTYPED = 0.04  # of the logins
GUESSES = 3  # a turn
EXPORTED = 8
GUESSER = "203.0.113.7"


@dataclass
class Traffic:
    """Two switches for scenarios; one turn later they show."""

    guessing: bool = False  # somebody tries one account after the other
    exporting: bool = False  # one client asks for links as fast as it gets them


def browse(api: str, traffic: Traffic, stopped: threading.Event) -> None:
    """Asks one thing after the other until `stopped`. What the API answers is for its own metrics to tell."""
    users = _Users(api)
    while not stopped.wait(PACE_S):
        users.read()
        if random.random() < LOGINS:  # noqa: S311 - no secret
            users.log_in(mistyped=random.random() < MISTYPED)  # noqa: S311
        for _ in range(GUESSES if traffic.guessing else 0):
            users.log_in(mistyped=True, ip=GUESSER)
        for _ in range(EXPORTED if traffic.exporting else 0):
            users.link()


class _Users:
    """All of them over one kept connection."""

    def __init__(self, api: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(api).netloc, timeout=5)

    def read(self) -> None:
        self._ask("GET", random.choice(("/api/sessions", f"/api/runs/{_some()}/progress", _link())))  # noqa: S311

    def link(self) -> None:
        self._ask("GET", _link())

    def log_in(self, mistyped: bool, ip: str = "") -> None:
        account = f"user-{_some()}@example.test"
        password = "summer2026" if mistyped else password_of(account)
        client = ip or f"198.51.100.{_some() % 250}"
        body = json.dumps({"account": account, "password": password})
        self._ask("POST", "/api/login", body, {"X-Forwarded-For": client})

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> None:
        try:
            self._connection.request(method, path, body, headers or {})
            self._connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            self._connection.close()


def _some() -> int:
    return random.randint(1, 500)  # noqa: S311


def _link() -> str:
    return f"/api/datasets/{_some()}/url"
