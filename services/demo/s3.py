"""The demo's object store: moto's S3 on a loopback port as a real HTTP server, with faults that can be switched on."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from services.demo import lifeline

CANARY = "watchdeck/canary"
FAULT_PATH = "/-/fault"
AGES_PATH = "/-/ages"

Mode = Literal["none", "503", "403", "delay", "black hole"]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_REFUSALS = {
    "503": ("503 Service Unavailable", "SlowDown", "Please reduce your request rate."),
    "403": ("403 Forbidden", "AccessDenied", "Access Denied"),
}


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and for which requests."""

    mode: Mode = "none"
    writes_only: bool = False
    spared: tuple[str, ...] = ()  # key prefixes that go on working
    delay_s: float = 0.0

    def concerns(self, method: str, path: str) -> bool:
        if self.mode == "none" or (self.writes_only and method not in {"PUT", "POST", "DELETE"}):
            return False
        key = path.lstrip("/").partition("/")[2]
        return not key.startswith(self.spared or ("\0",))


class Faulty:
    """WSGI middleware: passes requests on, or lets them fail as the present fault says."""

    def __init__(self, application: Application, secret: str) -> None:
        self._application = application
        self._secret = secret
        self._lifted = threading.Event()
        self.fault = Fault()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path in (FAULT_PATH, AGES_PATH):
            return self._told(path, environ, start)
        fault = self.fault
        if fault.concerns(method, path):
            if fault.mode in _REFUSALS:
                return _refuse(environ, start, *_REFUSALS[fault.mode])
            if fault.mode == "delay":
                time.sleep(fault.delay_s)
            else:
                self._lifted.wait(600)
        return self._application(environ, start)

    def _told(self, path: str, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = _body(environ)
        if environ.get("HTTP_X_DEMO_SECRET") != self._secret:
            start("403 Forbidden", [("Content-Type", "application/json")])
            return [b"{}"]
        if path == AGES_PATH:
            age(json.loads(body))
        elif environ["REQUEST_METHOD"] == "PUT":
            told = json.loads(body)
            self.fault = Fault(**{**told, "spared": tuple(told.get("spared", ()))})
            self._lifted.set()  # let go of whoever waits in the black hole
            self._lifted = threading.Event()
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(asdict(self.fault)).encode()]


def age(ages: Mapping[str, float]) -> None:
    """Sets back when objects were written, by BUCKET/KEY: a store has no other way to have a past."""
    from moto.core.models import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for place, seconds in ages.items():
        bucket, _, key = place.partition("/")
        if found := backend.get_object(bucket, key):
            found.last_modified = datetime.now(UTC) - timedelta(seconds=seconds)


def _body(environ: dict[str, Any]) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return body


def _refuse(
    environ: dict[str, Any], start: Callable[..., Any], status: str, code: str, message: str
) -> Iterable[bytes]:
    _body(environ)  # an unread body would be taken for the next request of this connection
    start(status, [("Content-Type", "application/xml")])
    return [f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'.encode()]


def main() -> None:
    """Serves until the lifeline is cut; says its port when ready."""
    told = lifeline.settings()
    import logging

    from moto.moto_server.werkzeug_app import create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Faulty(create_backend_app("s3"), told["secret"])
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Handler)
    lifeline.ready(port=server.server_port)
    server.serve_forever()


if __name__ == "__main__":
    main()
