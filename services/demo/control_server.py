"""The address where scenarios are started and ended in a running stack; `control` says what may be asked of it."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg

from services.demo.director import Director
from services.demo.objects import StorageError
from services.errors import WatchdeckError


def serve_control(director: Director) -> str:
    """Serves in a thread until the process ends; the address, which is a secret."""
    secret = secrets.token_urlsafe(16)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(self._parts() == [secret], lambda: [asdict(state) for state in director.states()])

        def do_POST(self) -> None:
            parts = self._parts()
            verbs = {"scenario": director.start, "repair": director.repair}
            known = len(parts) == 3 and parts[0] == secret and parts[1] in verbs
            self._reply(known, lambda: asdict(verbs[parts[1]](parts[2])))

        def _parts(self) -> list[str]:
            return self.path.strip("/").split("/")

        def _reply(self, known: bool, told: Any) -> None:
            status, data = _answer(told) if known else (404, {"error": "nothing is here"})
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Standard error belongs to progress and errors of the demo itself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/{secret}"


def _answer(told: Callable[[], Any]) -> tuple[int, Any]:
    try:
        return 200, told()
    except WatchdeckError as error:
        return 409, {"error": f"{error.message}: {error.remedy}"}
    except psycopg.OperationalError:
        return 503, {"error": "the demo's database is away"}
    except StorageError as refused:
        return 503, {"error": f"the demo's store does not do it now: {refused}"}
