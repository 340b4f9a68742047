"""The platform's API: health, reads and writes of treasures, logins, and what browsers report of themselves."""

from __future__ import annotations

import asyncio
import json
import queue
import random
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg

from services.demo.http import Answer, Request, port_of, serve
from services.demo.link import Link
from services.demo.treazr.kubernetes import Kubernetes
from services.demo.treazr.measured import Measured
from services.demo.treazr.queue import KINDS

BAD_RELEASE = "3.9.0"  # answers often with an error
BAD_FAILS = 0.25
TEXT = "text/plain; version=0.0.4; charset=utf-8"

_OFF = """SELECT name FROM app_flags WHERE name IN ('app.writes', 'jobs.intake') AND NOT enabled
             AND (expires_at IS NULL OR expires_at > now())"""
_STORE = "INSERT INTO treasures (owner, name) VALUES (%(owner)s, 'found on the beach') RETURNING id"
_FOLLOW = "INSERT INTO background_jobs (kind) VALUES (%(kind)s)"
Handle = Callable[[], Awaitable[Answer]]


@dataclass
class Api:
    """One thread at a time does what blocks, so that the event loop answers health whatever the database does."""

    link: Link
    kubernetes: Kubernetes
    measured: Measured = field(default_factory=Measured)
    lane: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def respond(self, request: Request) -> Answer:
        began = time.monotonic()
        route, handle = self._route(request)
        answer = await handle()
        if route != "/metrics":
            self.measured.request(request.method, route, answer.status, time.monotonic() - began)
        return answer

    def _route(self, request: Request) -> tuple[str, Handle]:
        path = request.path
        match request.method, path:
            case "GET", "/healthz":
                return path, partial(self._say, {"status": "ok"})
            case "GET", "/readyz":
                return path, partial(self._ask, lambda: self.link.rows("SELECT 1 AS ok"))
            case "GET", "/version":
                return path, partial(self._say, {"version": self.kubernetes.release("api")})
            case "GET", "/metrics":
                return path, self._metrics
            case "GET", "/treasures":
                return path, partial(self._served, lambda: self.link.rows("SELECT id, name FROM treasures LIMIT 20"))
            case "POST", "/treasures":
                return path, partial(self._served, self._store)
            case "POST", "/login":
                return path, partial(self._login, request)
            case "POST", "/vitals":
                return path, partial(self._vitals, request)
            case _:
                return "other", partial(self._say, {"error": "no such endpoint"}, 404)

    async def _say(self, data: object, status: int = 200) -> Answer:
        return Answer.of(data, status)

    async def _metrics(self) -> Answer:
        return Answer(200, self.measured.text().encode(), TEXT)

    async def _login(self, request: Request) -> Answer:
        right = bool(json.loads(request.body or b"{}").get("right"))
        self.measured.login(right)
        return Answer.of({"ok": right}, 200 if right else 401)

    async def _vitals(self, request: Request) -> Answer:
        self.measured.paint("/", float(json.loads(request.body)["lcp_s"]))
        return Answer.of({}, 202)

    async def _served(self, ask: Callable[[], Any]) -> Answer:
        """What a release may spoil."""
        if self.kubernetes.release("api") == BAD_RELEASE and random.random() < BAD_FAILS:  # noqa: S311 - no secret
            return Answer.of({"error": "column treasures.islands does not exist"}, 500)
        return await self._ask(ask)

    async def _ask(self, ask: Callable[[], Any]) -> Answer:
        async with self.lane:
            try:
                found = await asyncio.to_thread(ask)
            except psycopg.Error as error:
                return Answer.of({"error": type(error).__name__}, 503)
        return found if isinstance(found, Answer) else Answer.of(found)

    def _store(self) -> Any:
        """The treasure, and the work in the background that follows from it, unless that is put off."""
        off = {row["name"] for row in self.link.rows(_OFF)}
        if "app.writes" in off:
            return Answer.of({"error": "we are in maintenance: nothing can be changed for now"}, 503)
        follow = () if "jobs.intake" in off else (_FOLLOW,)
        return self.link.rows(_STORE, *follow, owner="user-1", kind=random.choice(KINDS)) or Answer.of({}, 201)  # noqa: S311


def serve_api(api: Api) -> str:
    """Serves in a thread until the process ends; its address."""
    ready: queue.Queue[int] = queue.Queue()

    async def live() -> None:
        server = await serve(api.respond)
        ready.put(port_of(server))
        await server.serve_forever()

    threading.Thread(target=asyncio.run, args=(live(),), daemon=True).start()
    return f"http://127.0.0.1:{ready.get(timeout=10)}"
