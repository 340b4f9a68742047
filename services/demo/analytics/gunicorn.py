"""The web application of analytics-etl: engines, reports, and what it says of itself. The release decides how well.

It is named as the server that it stands for: by that name its processes are found.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import psycopg

from services.demo.analytics.journal import ERROR, WARNING, Journal
from services.demo.analytics.slo import WARN_ERRORS, WARN_P95_MS, Slo
from services.demo.http import Answer, Request, serve
from services.demo.lifeline import ready, settings
from services.demo.link import Link

JUDGED_S = 5.0
_AUDIT = """
SELECT at::text AS timestamp, username AS user, resource, action, detail FROM audit_events
 WHERE action = %(action)s AND at > now() - interval '1 day' ORDER BY at DESC LIMIT 50
"""


class Web:
    def __init__(self, told: dict[str, Any]) -> None:
        self._home = Path(told["home"])
        self._link = Link(told["dsn"], "app-web")
        self._one = asyncio.Lock()
        self._reports = count(1)
        self._journal = Journal(told["journal"], "app-web")
        self._slo = Slo()
        release = json.loads((self._home / "current" / "release.json").read_text())
        self._version, self._failing = str(release["version"]), int(release["failing"])  # every so manieth; 0: none
        self._alerts: dict[str, dict[str, str]] = {}
        self._journal.say(f"gunicorn: Listening at: http://127.0.0.1:{told['port']}, release {self._version}")

    async def respond(self, request: Request) -> Answer:
        if request.path.startswith("/api/monitoring/"):
            return await self._monitoring(request)
        began = time.monotonic()
        answer = await self._people(request)
        self._slo.add(time.monotonic() - began, answer.status < 500)
        if answer.status >= 500:
            self._journal.say(f"gunicorn: {request.method} {request.path} {answer.status}", ERROR)
        return answer

    async def _people(self, request: Request) -> Answer:
        match request.path:
            case "/api/engines":
                return await self._rows("SELECT name, enabled FROM engines ORDER BY name", "engines")
            case "/api/reports":
                if self._failing and next(self._reports) % self._failing == 0:
                    return Answer.of({"error": "KeyError: 'margin'", "release": self._version}, 500)
                return await self._rows("SELECT status, count(*) FROM jobs GROUP BY status", "reports")
            case "/api/exports":
                await self._rows(_DENIED, "")
                return Answer.of({"error": "forbidden"}, 403)
            case "/":
                return Answer(200, b"<h1>Analytics</h1>", "text/html")
        return Answer.of({"error": "not found"}, 404)

    async def _monitoring(self, request: Request) -> Answer:
        match request.path.rpartition("/")[2]:
            case "slo":
                return Answer.of({**self._slo.told(), "release": self._version})
            case "alerts":
                return Answer.of({"alerts": list(self._alerts.values())})
            case "audit":
                action = parse_qs(request.query).get("action", ["login"])[0]
                return await self._rows(_AUDIT, "events", action=action)
        return Answer.of({"error": "not found"}, 404)

    async def _rows(self, sql: str, name: str, **params: Any) -> Answer:
        try:
            async with self._one:  # a link is one connection: two at once would be in each other's transaction
                return Answer.of({name: await asyncio.to_thread(self._link.rows, sql, **params)})
        except psycopg.Error as error:
            self._journal.say(f"gunicorn: database: {type(error).__name__}", ERROR)
            return Answer.of({"error": "the database does not answer"}, 503)

    async def judge(self) -> None:
        """Its own alerts, as long as they last, and a line for each in the log."""
        while True:
            await asyncio.sleep(JUDGED_S)
            told = self._slo.told()
            self._note("p95-latency", (told["p95_latency_ms"] or 0) > WARN_P95_MS, f"p95 {told['p95_latency_ms']} ms")
            self._note(
                "error-rate", (told["error_rate"] or 0) > WARN_ERRORS, f"{told['error_rate']} % of requests fail"
            )

    def _note(self, name: str, bad: bool, message: str) -> None:
        if not bad:
            self._alerts.pop(name, None)
        elif name not in self._alerts:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            alert = {"timestamp": now, "severity": "WARNING", "name": name, "message": message}
            self._alerts[name] = alert
            self._journal.say(f"alert {name}: {message}", WARNING)
            with (self._home / "logs" / "alerts.jsonl").open("a") as log:
                log.write(json.dumps({"level": "warning", **alert}) + "\n")


_DENIED = """
INSERT INTO audit_events (action, username, resource, detail)
VALUES ('rbac_denied', 'guest', '/api/exports', 'needs the role analyst') RETURNING id
"""


async def main(told: dict[str, Any]) -> None:
    web = Web(told)
    server = await serve(web.respond, int(told["port"]))
    ready(pid=os.getpid())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve_forever())
        tasks.create_task(web.judge())


if __name__ == "__main__":
    asyncio.run(main(settings()))
