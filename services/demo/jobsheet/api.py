"""The demo's application: dashboard, health, uploads, and calls that need a token; by a clock that can be off."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from services.demo import lifeline
from services.demo.http import Answer, Request, port_of, serve
from services.demo.jobsheet.pipeline import upload
from services.demo.jobsheet.tokens import refusal
from services.demo.link import Link
from services.demo.logbook import Logbook
from services.demo.objects import Objects, StorageError

VERSION = "3.2.0"
CLOCK = "clock"  # the file in the demo's folder that says by how many seconds this machine's clock is off
KEEP_UP_S = 0.5
MOST_BYTES = 50_000_000
TYPES = (".pdf", ".png", ".jpg")

_LIMIT = "SET LOCAL statement_timeout = '4s'"
_DASHBOARD = """SELECT d.id, c.name, d.status FROM "Document" AS d JOIN "Customer" AS c ON c.id = d."customerId"
ORDER BY d.id DESC LIMIT 20"""
_MAINTENANCE = """SELECT 1 AS is FROM "FeatureFlag" WHERE name = 'maintenance' AND enabled
AND ("expiresAt" IS NULL OR "expiresAt" > now())"""
_REFUSED = """INSERT INTO "AuthEvent" (outcome, reason) VALUES (%(outcome)s, %(reason)s)"""


@dataclass
class Api:
    """Health has a connection of its own: it says how the application is, not how busy."""

    home: Path
    link: Link
    pulse: Link
    objects: Objects
    log: Logbook
    off_s: float = 0.0
    maintenance: bool = False
    lane: asyncio.Lock = field(default_factory=asyncio.Lock)
    pulses: asyncio.Lock = field(default_factory=asyncio.Lock)

    def now(self) -> float:
        return time.time() + self.off_s

    async def respond(self, request: Request) -> Answer:
        try:
            answer = await self._answered(request)
        except (psycopg.Error, StorageError) as error:
            answer = Answer.of({"error": type(error).__name__}, 503)
            self.log.line("error", f"{request.method} {request.path}: {type(error).__name__}: {error}".strip())
        if request.path != "/api/health":
            level = "error" if answer.status >= 500 else "warning" if answer.status >= 400 else "info"
            self.log.line(level, f"{request.method} {request.path} {answer.status}")
        return replace(answer, headers={"Date": formatdate(self.now(), usegmt=True)})

    async def _answered(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/api/health":
                async with self.pulses:
                    await asyncio.to_thread(self.pulse.rows, "SELECT 1 AS one")
                return Answer.of({"status": "maintenance" if self.maintenance else "ok", "version": VERSION})
            case "GET", "/assets/app.js":
                return Answer(200, b"'use strict';\n", "text/javascript")
            case _ if self.maintenance:
                return Answer.of({"error": "maintenance"}, 503)
            case "GET", "/":
                return Answer.of(await self._in_lane(partial(self.link.rows, _LIMIT, _DASHBOARD)))
            case "POST", "/api/upload":
                return await self._upload(json.loads(request.body))
            case "POST", "/api/trpc/audits":
                return await self._call(request)
        return Answer.of({"error": "not found"}, 404)

    async def _upload(self, told: dict[str, Any]) -> Answer:
        name = str(told.get("fileName", ""))
        if not name.endswith(TYPES):
            return Answer.of({"error": "FILE_TYPE_UNSUPPORTED"}, 415)
        if int(told.get("bytes", 0)) > MOST_BYTES:
            return Answer.of({"error": "FILE_TOO_LARGE"}, 413)
        await self._in_lane(partial(self._store, name))
        return Answer.of({"ok": True}, 201)

    def _store(self, name: str) -> None:
        self.objects.put(f"uploads/{name}", b"%PDF-1.7")
        upload(self.link, name)

    async def _call(self, request: Request) -> Answer:
        why = refusal(request.headers.get("authorization", "").removeprefix("Bearer "), self.now())
        outcome = "refused" if why else "accepted"
        await self._in_lane(partial(self.link.rows, _REFUSED, outcome=outcome, reason=why))
        if why:
            self.log.line("warning", f"invalid token: {why}")
        return Answer.of({"error": "invalid token", "reason": why}, 401) if why else Answer.of({"audits": []})

    async def _in_lane(self, work: Callable[[], Any]) -> Any:
        async with self.lane:
            return await asyncio.to_thread(work)

    async def keep_up(self) -> None:
        """What is switched or set outside: maintenance, and the machine's clock."""
        while True:
            self.off_s = float((self.home / CLOCK).read_text())
            async with self.pulses:
                try:
                    self.maintenance = bool(await asyncio.to_thread(self.pulse.rows, _MAINTENANCE))
                except psycopg.Error:
                    self.log.line("error", "the database is away: the last known flags hold")
            await asyncio.sleep(KEEP_UP_S)


async def _serve(told: dict[str, Any]) -> None:
    home, dsn = Path(told["home"]), told["dsn"]
    objects = Objects(told["s3"], told["bucket"])
    log = Logbook(home / "log" / "app.log")
    api = Api(home, Link(dsn, "jobsheet-api"), Link(dsn, "jobsheet-api"), objects, log)
    server = await serve(api.respond)
    keeping_up = asyncio.create_task(api.keep_up())
    lifeline.ready(port=port_of(server))
    await keeping_up


def main() -> None:
    asyncio.run(_serve(lifeline.settings()))


if __name__ == "__main__":
    main()
