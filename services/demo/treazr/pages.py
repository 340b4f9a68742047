"""A small server for what others publish: kube-state-metrics, MinIO, the weekly reports; and for kubectl and cmctl."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from services.demo.treazr.commands import Commands

REPORTS = {"drift": {"share": 0.012}, "vulnerabilities": {"open": 3, "unowned": 0}}
METRICS = "text/plain; version=0.0.4; charset=utf-8"
Page = Callable[[], tuple[int, str, str]]  # status, kind, text


class Pages:
    """Serves in a thread until the process ends. `secret` is the path under which commands are taken."""

    def __init__(self, commands: Commands) -> None:
        self.secret = secrets.token_urlsafe(16)
        pages, secret = _pages(commands), self.secret

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._reply(*pages.get(self.path, _unknown)())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path != f"/{secret}":
                    self._reply(*_unknown())
                    return
                self._reply(200, "application/json", json.dumps(commands.run(json.loads(body))))

            def _reply(self, status: int, kind: str, text: str) -> None:
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Standard error belongs to progress and errors of the demo itself."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.address = f"127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


def _pages(commands: Commands) -> Mapping[str, Page]:
    minio = commands.minio
    return {
        "/metrics": lambda: (200, METRICS, commands.kubernetes.metrics()),
        "/minio/v2/metrics/cluster": lambda: (200, METRICS, minio.metrics()),
        "/minio/health/live": lambda: (200, "text/plain", ""),
        "/minio/health/cluster": lambda: (200 if minio.quorum else 503, "text/plain", ""),
        "/reports/weekly.json": lambda: (200, "application/json", json.dumps(REPORTS)),
    }


def _unknown() -> tuple[int, str, str]:
    return 404, "text/plain", "nothing is here"
