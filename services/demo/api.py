"""The demo's HTTP API: health, readiness that really tries database and storage, version, metrics, and a few reads."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg

from services.demo import lifeline
from services.demo.http import Answer, port_of, serve
from services.demo.link import Link
from services.demo.measured import Measured
from services.demo.objects import Objects, StorageError
from services.demo.pipeline import PARSER
from services.demo.s3 import CANARY

SIGNER_FLAG = "api.signer_v2"
SIGNER_DELAY_S = 1.2
FLAGS_EVERY_S = 1.0

_SIGNER_ON = f"""SELECT 1 FROM feature_flags WHERE name = '{SIGNER_FLAG}' AND enabled
                  AND (expires_at IS NULL OR expires_at > now())"""


@dataclass
class Api:
    """One thread does what blocks (database, storage), so that the event loop answers health whatever they do."""

    link: Link
    objects: Objects
    measured: Measured = field(default_factory=Measured)
    signer_v2: bool = False
    lane: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def respond(self, method: str, path: str) -> Answer:
        began = time.monotonic()
        endpoint, handle = self._route(path)
        answer = await handle()
        if path != "/metrics":
            self.measured.add(method, endpoint, answer.status, time.monotonic() - began)
        return answer

    def _route(self, path: str) -> tuple[str, Callable[[], Awaitable[Answer]]]:
        match path.strip("/").split("/"):
            case ["api", "health"]:
                return path, self._health
            case ["api", "ready"]:
                return path, self._ready
            case ["api", "version"]:
                return path, self._version
            case ["metrics"]:
                return path, self._metrics
            case ["api", "sessions"]:
                return path, self._sessions
            case ["api", "runs", run, "progress"] if run.isdecimal():
                return "/api/runs/:id/progress", partial(self._progress, int(run))
            case ["api", "datasets", run, "url"] if run.isdecimal():
                return "/api/datasets/:id/url", self._signed_url
            case _:
                return "other", self._unknown

    async def _health(self) -> Answer:
        return Answer.of({"status": "ok"})

    async def _version(self) -> Answer:
        return Answer.of({"version": "2.14.0", "parser": PARSER, "signer": "v2" if self.signer_v2 else "v1"})

    async def _metrics(self) -> Answer:
        return Answer(200, self.measured.text().encode(), "text/plain; version=0.0.4; charset=utf-8")

    async def _unknown(self) -> Answer:
        return Answer.of({"error": "no such endpoint"}, 404)

    async def _ready(self) -> Answer:
        async with self.lane:
            checks = await asyncio.to_thread(self._check)
        if self.signer_v2:
            await asyncio.sleep(SIGNER_DELAY_S)
            checks["signer"] = f"v2 times out ({SIGNER_FLAG} is on)"
        ok = all(result == "ok" for result in checks.values())
        return Answer.of({"status": "ok" if ok else "unavailable", "checks": checks}, 200 if ok else 503)

    def _check(self) -> dict[str, str]:
        checks = {"database": "ok", "storage": "ok"}
        try:
            self.link.rows("SELECT 1")
        except psycopg.Error as error:
            checks["database"] = type(error).__name__
        try:
            self.objects.get(CANARY)
        except StorageError as error:
            checks["storage"] = str(error)
        return checks

    async def _sessions(self) -> Answer:
        if self.signer_v2:
            await asyncio.sleep(SIGNER_DELAY_S)
        return await self._read("SELECT id, format_family, status FROM sessions ORDER BY id DESC LIMIT 20")

    async def _progress(self, run: int) -> Answer:
        return await self._read("SELECT type, state FROM jobs WHERE run_id = %(run)s ORDER BY id", run=run)

    async def _signed_url(self) -> Answer:
        if self.signer_v2 and random.random() < 0.6:  # noqa: S311
            return Answer.of({"error": "the signer did not answer"}, 502)
        return Answer.of({"url": "signed", "expires_in_s": 300})

    async def _read(self, sql: str, **params: Any) -> Answer:
        async with self.lane:
            try:
                rows = await asyncio.to_thread(partial(self.link.rows, sql, **params))
            except psycopg.Error as error:
                return Answer.of({"error": type(error).__name__}, 500)
        return Answer.of(rows)

    async def follow_flag(self) -> None:
        """Notices within a second that the new signer is switched on or off."""
        while True:
            async with self.lane:
                with contextlib.suppress(psycopg.Error):  # the database is away: the last known setting holds
                    self.signer_v2 = bool(await asyncio.to_thread(self.link.rows, _SIGNER_ON))
            await asyncio.sleep(FLAGS_EVERY_S)


async def _serve(told: dict[str, Any]) -> None:
    api = Api(Link(told["dsn"], "mre-api"), Objects(told["s3"], told["bucket"]))
    server = await serve(api.respond, told.get("port", 0))
    following = asyncio.create_task(api.follow_flag())
    lifeline.ready(port=port_of(server))
    await following


def main() -> None:
    asyncio.run(_serve(lifeline.settings()))


if __name__ == "__main__":
    main()
