"""The demo's HTTP API: health, readiness that really tries database and storage, version, metrics, logins, reads."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg

from services.demo import lifeline
from services.demo.http import Answer, Request, port_of, serve
from services.demo.link import Link
from services.demo.measured import Measured
from services.demo.mre.logins import Login, record, record_links
from services.demo.mre.pipeline import PARSER
from services.demo.mre.release import BAD, GOOD
from services.demo.objects import Objects, StorageError
from services.demo.s3 import CANARY

SIGNER_FLAG = "api.signer_v2"  # on: the new signer, which does not work
KEY_FLAG = "api.token_key_v2"  # on: a key under which nobody is let in
LINKS_FLAG = "api.signed_urls"  # off: nobody gets a link
SIGNER_DELAY_S = 1.2
FLAGS_EVERY_S = 1.0
BAD_SHARE = 0.4  # of reads that the bad release answers with an error
LINKS_EVERY = 10  # looks at the flags between two entries of how many links were issued

_FLAGS = """SELECT name FROM feature_flags WHERE name = ANY (%(names)s) AND enabled
             AND (expires_at IS NULL OR expires_at > now())"""

_SESSION = "SELECT id, format_family, status FROM sessions WHERE id = %(id)s"

Route = tuple[str, Callable[[], Awaitable[Answer]]]


@dataclass
class Api:
    """One thread does what blocks (database, storage), so that the event loop answers health whatever they do."""

    link: Link
    objects: Objects
    measured: Measured = field(default_factory=Measured)
    flags: frozenset[str] = frozenset({LINKS_FLAG})  # those that are on
    lane: asyncio.Lock = field(default_factory=asyncio.Lock)
    version: str = GOOD

    async def respond(self, request: Request) -> Answer:
        began = time.monotonic()
        route, handle = self._route(request)
        answer = await handle()
        if route != "/metrics":
            self.measured.request(request.method, route, answer.status, time.monotonic() - began)
        return answer

    def _route(self, request: Request) -> Route:
        path = request.path
        match path.strip("/").split("/"):
            case ["api", "health"]:
                return path, self._health
            case ["api", "ready"]:
                return path, self._ready
            case ["api", "version"]:
                return path, self._version
            case ["metrics"]:
                return path, self._metrics
            case ["api", "login"] if request.method == "POST":
                return path, partial(self._login, request)
            case ["api", "sessions"]:
                return path, partial(self._sessions, path)
            case ["api", "sessions", session] if session.isdecimal():
                return "/api/sessions/:id", partial(self._session, "/api/sessions/:id", int(session))
            case ["api", "runs", run, "progress"] if run.isdecimal():
                return (route := "/api/runs/:id/progress"), partial(self._progress, route, int(run))
            case ["api", "datasets", run, "url"] if run.isdecimal():
                return "/api/datasets/:id/url", self._signed_url
            case _:
                return "other", self._unknown

    async def _health(self) -> Answer:
        return Answer.of({"status": "ok"})

    async def _version(self) -> Answer:
        return Answer.of({"version": self.version, "parser": PARSER, "signer": "v2" if self._signer_v2 else "v1"})

    async def _metrics(self) -> Answer:
        return Answer(200, self.measured.text().encode(), "text/plain; version=0.0.4; charset=utf-8")

    async def _unknown(self) -> Answer:
        return Answer.of({"error": "no such endpoint"}, 404)

    @property
    def _signer_v2(self) -> bool:
        return SIGNER_FLAG in self.flags

    async def _ready(self) -> Answer:
        async with self.lane:
            checks = await asyncio.to_thread(self._check)
        if self._signer_v2:
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

    async def _login(self, request: Request) -> Answer:
        login = Login.of(request)
        if login is None:
            return Answer.of({"error": "account and password are needed"}, 400)
        succeeded = login.right and KEY_FLAG not in self.flags
        self.measured.login(succeeded)
        told = await self._query(request.path, partial(record, self.link, login, succeeded))
        return told if isinstance(told, Answer) else Answer.of({"ok": succeeded}, 200 if succeeded else 401)

    async def _sessions(self, route: str) -> Answer:
        if self._signer_v2:
            await asyncio.sleep(SIGNER_DELAY_S)
        return await self._read(route, "SELECT id, format_family, status FROM sessions ORDER BY id DESC LIMIT 20")

    async def _session(self, route: str, session: int) -> Answer:
        """Of one that was deleted there is nothing to be had, not even that it was there."""
        told = await self._query(route, partial(self.link.rows, _SESSION, id=session))
        return (
            told if isinstance(told, Answer) else Answer.of(told or {"error": "no such session"}, 200 if told else 404)
        )

    async def _progress(self, route: str, run: int) -> Answer:
        return await self._read(route, "SELECT type, state FROM jobs WHERE run_id = %(run)s ORDER BY id", run=run)

    async def _signed_url(self) -> Answer:
        if LINKS_FLAG not in self.flags:
            return Answer.of({"error": "no links are issued at present"}, 403)
        if self._signer_v2 and random.random() < 0.6:  # noqa: S311
            return Answer.of({"error": "the signer did not answer"}, 502)
        self.measured.links += 1
        return Answer.of({"url": "signed", "expires_in_s": 300})

    async def _read(self, route: str, sql: str, **params: Any) -> Answer:
        if self.version == BAD and random.random() < BAD_SHARE:  # noqa: S311
            return Answer.of({"error": "column tracks.lap_count does not exist"}, 500)
        told = await self._query(route, partial(self.link.rows, sql, **params))
        return told if isinstance(told, Answer) else Answer.of(told)

    async def _query(self, route: str, ask: Callable[[], Any]) -> Any:
        """What `ask` brings from the database, or the answer that says why it does not."""
        async with self.lane:
            began = time.monotonic()
            try:
                return await asyncio.to_thread(ask)
            except psycopg.Error as error:
                return Answer.of({"error": type(error).__name__}, 500)
            finally:
                self.measured.query(route, time.monotonic() - began)

    async def keep_up(self) -> None:
        """Notices within a second that a flag is switched, and now and then files how many links were issued."""
        filed = 0
        for turn in itertools.count(1):
            async with self.lane:
                with contextlib.suppress(psycopg.Error):  # the database is away: the last known settings hold
                    names = [SIGNER_FLAG, KEY_FLAG, LINKS_FLAG]
                    rows = await asyncio.to_thread(partial(self.link.rows, _FLAGS, names=names))
                    self.flags = frozenset(row["name"] for row in rows)
                    issued = self.measured.links
                    if turn % LINKS_EVERY == 0 and issued > filed:
                        await asyncio.to_thread(record_links, self.link, issued - filed)
                        filed = issued
            await asyncio.sleep(FLAGS_EVERY_S)


async def _serve(told: dict[str, Any]) -> None:
    api = Api(Link(told["dsn"], "mre-api"), Objects(told["s3"], told["bucket"]), version=told["version"])
    server = await serve(api.respond, told.get("port", 0), shared=True)
    keeping_up = asyncio.create_task(api.keep_up())
    lifeline.ready(port=port_of(server))
    await keeping_up


def main() -> None:
    asyncio.run(_serve(lifeline.settings()))


if __name__ == "__main__":
    main()
