"""The demo's ingest API: limits that are in force, ids of requests in its answers and its log, two images in one."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from services.demo import lifeline
from services.demo.http import Answer, Limit, Request, port_of, serve
from services.demo.ingest.cache import Cache, CacheAway
from services.demo.ingest.release import BAD, Release
from services.demo.link import Link
from services.demo.logbook import Logbook
from services.demo.measured import Measured

ROUTES = ("/health/live", "/health/ready", "/api/ingest", "/api/ingest/batch", "/api/events", "/api/stats")
NO_LIMIT = 64_000_000
BAD_FAILS, BAD_DELAY_S = 0.5, 0.7  # of the image that nobody should have released
KEEP_UP_S = 0.3

_INSERT = """INSERT INTO events (request_id, source, body)
SELECT %(request)s, coalesce(item ->> 'source', '?'), item FROM jsonb_array_elements(%(items)s::jsonb) AS item"""
_QUERIES = {
    "/api/events": "SELECT id, source, received_at::text AS at FROM events ORDER BY id DESC LIMIT 20",
    "/api/stats": "SELECT source, count(*) AS n FROM events WHERE received_at > now() - interval '1 hour' GROUP BY 1",
}


class Refused(Exception):
    """A request that ends in another status than success."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


@dataclass
class Api:
    """One thread does what blocks, so that the event loop answers liveness whatever the database does."""

    home: Path
    link: Link
    cache: Cache
    log: Logbook
    release: Release  # that it was started with; shares and modes change under way
    measured: Measured = field(default_factory=Measured)
    lane: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def most_bytes(self) -> int:
        return int(self.release.config["MAX_REQUEST_BODY_BYTES"]) or NO_LIMIT

    @property
    def most_items(self) -> int:
        return int(self.release.config["INGEST_MAX_BATCH_ITEMS"]) or NO_LIMIT

    async def respond(self, request: Request, length: int = 0) -> Answer:
        """`length` is that of a body which was too long to be kept."""
        if request.path == "/metrics":
            return Answer(200, self.measured.text().encode(), "text/plain; version=0.0.4; charset=utf-8")
        began = time.monotonic()
        id_ = request.headers.get("x-request-id") or uuid.uuid4().hex
        try:
            if length:
                raise Refused(413, "PAYLOAD_TOO_LARGE")
            status, told = await self._answered(request, id_)
        except Refused as refused:
            status, told = refused.status, {"code": str(refused), "request_id": id_}
        except (psycopg.Error, CacheAway) as error:
            status, told = 503, {"code": "DEPENDENCY_UNAVAILABLE", "request_id": id_}
            self.log.line("error", f"{type(error).__name__}: {error}", request_id=id_)
        self._note(request, id_, status, time.monotonic() - began)
        return replace(Answer.of(told, status), headers={"X-Request-Id": id_})

    def _note(self, request: Request, id_: str, status: int, took_s: float) -> None:
        route = request.path if request.path in ROUTES else "other"
        self.measured.request(request.method, route, status, took_s)
        if not route.startswith("/health"):
            level = "error" if status >= 500 else "warning" if status >= 400 else "info"
            said = f"{request.method} {route} {status}"
            self.log.line(level, said, request_id=id_, ms=round(took_s * 1000, 1), version=self.release.image)

    async def _answered(self, request: Request, id_: str) -> tuple[int, Any]:
        path = request.path
        if path == "/health/live":
            release = self.release
            return 200, {"status": "ok", "version": release.image, "revision": release.revision, **release.config}
        if path == "/health/ready":
            return await self._ready()
        await self._suffer()
        if path in _QUERIES:
            return 200, await self._in_lane(partial(self.link.rows, _QUERIES[path]))
        if request.method == "POST" and path in ("/api/ingest", "/api/ingest/batch"):
            return await self._ingest(request, id_)
        raise Refused(404, "NOT_FOUND")

    async def _ready(self) -> tuple[int, Any]:
        checks = await self._in_lane(self._check)
        ok = checks["database"]["ok"] and (checks["redis"]["ok"] or self.release.degraded)
        return (200 if ok else 503), {"status": "ok" if ok else "unavailable", "checks": checks}

    def _check(self) -> dict[str, dict[str, Any]]:
        checks: dict[str, dict[str, Any]] = {"database": {"ok": True}, "redis": {"ok": True}}
        try:
            self.link.rows("SELECT 1 AS one")
        except psycopg.Error as error:
            checks["database"] = {"ok": False, "error": type(error).__name__}
        try:
            self.cache.ping()
        except CacheAway as error:
            checks["redis"] = {"ok": False, "error": str(error)}
        return checks

    async def _ingest(self, request: Request, id_: str) -> tuple[int, Any]:
        items = _items(request)
        if len(items) > self.most_items:
            raise Refused(413, "BATCH_TOO_LARGE")
        fresh = await self._in_lane(partial(self._insert, id_, items))
        return (202 if fresh else 200), {"accepted": len(items) if fresh else 0, "request_id": id_}

    def _insert(self, id_: str, items: list[Any]) -> bool:
        """False: it was here before. Without Redis only the database could tell, and does not look."""
        if not self.release.degraded and not self.cache.first(id_):
            return False
        self.link.rows(_INSERT, request=id_, items=json.dumps(items))
        return True

    async def _suffer(self) -> None:
        """What the share of instances does that runs the bad image."""
        if self.release.image == BAD and random.random() < self.release.share:  # noqa: S311
            await asyncio.sleep(BAD_DELAY_S)
            if random.random() < BAD_FAILS:  # noqa: S311
                raise Refused(500, "INTERNAL")

    async def _in_lane(self, work: Any) -> Any:
        async with self.lane:
            return await asyncio.to_thread(work)

    async def keep_up(self) -> None:
        """What a rollout changes without a restart: its share, and the mode."""
        while True:
            await asyncio.sleep(KEEP_UP_S)
            now = Release.read(self.home)
            self.release = replace(self.release, share=now.share, paused=now.paused, degraded=now.degraded)


def _items(request: Request) -> list[Any]:
    """Refused where nothing in it can be taken in."""
    try:
        told = json.loads(request.body)
        items = told["items"] if request.path.endswith("/batch") else [told]
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(400, "NOT_JSON") from error
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise Refused(422, "INVALID_ITEM")
    return items


async def _serve(told: dict[str, Any]) -> None:
    home = Path(told["home"])
    link, cache = Link(told["dsn"], "ingest-api"), Cache(told["redis"])
    api = Api(home, link, cache, Logbook(home / "log" / "api.log"), Release(**told["release"]))
    server = await serve(api.respond, told["port"], Limit(api.most_bytes, api.respond))
    keeping_up = asyncio.create_task(api.keep_up())
    lifeline.ready(port=port_of(server))
    await keeping_up


def main() -> None:
    asyncio.run(_serve(lifeline.settings()))


if __name__ == "__main__":
    main()
