"""Metrics over HTTP: one address that a Prometheus scrapes, served by threads beside the event loop."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder, gzip_accepted

from services.errors import WatchdeckError

if TYPE_CHECKING:
    from prometheus_client.registry import Collector

PATH = "/metrics"
IDLE_S = 10.0  # a client that says nothing for so long is let go
END_S = 0.1  # how often it looks whether it is to end
PACKED = 1  # the level: 19 kB for 300 kB, at a fifth of what the highest costs
_WORDS = "text/plain; charset=utf-8"

Say = Callable[[str], None]


class Page:
    """Listens from the moment it is made until `close`. `say` hears of a page that could not be made."""

    def __init__(self, metrics: Collector, host: str, port: int, say: Say) -> None:
        """WatchdeckError when the address cannot be listened on."""
        registry = CollectorRegistry()
        registry.register(metrics)
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            self._server = _Server(family, (str(address[0]), int(address[1])), registry, say)
        except OSError as error:
            raise WatchdeckError(
                f"cannot listen on {host}:{port}: {error.strerror}", "give another --listen HOST:PORT"
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_address[1]}{PATH}"
        self._thread = Thread(target=self._server.serve_forever, args=(END_S,), name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client that hangs does not hold up the end

    def __init__(
        self, family: socket.AddressFamily, address: tuple[str, int], registry: CollectorRegistry, say: Say
    ) -> None:
        self.address_family = family
        self.registry = registry
        self.say = say
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away in the middle is nothing to be told of."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version, sys_version = "watchdeck", ""
    timeout = IDLE_S

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != PATH:
            self._answer(404, _WORDS, f"there is nothing here: the metrics are at {PATH}\n".encode())
            return
        encode, content_type = choose_encoder(self.headers.get("accept", ""))
        try:
            page = encode(self.server.registry)
        except Exception as error:  # the next scrape may go well, and this one has to say that it did not
            self.server.say(f"the metrics could not be made: {type(error).__name__}: {error}")
            self._answer(500, _WORDS, b"the metrics could not be made: the collector says why\n")
        else:
            self._answer(200, content_type, page)

    do_HEAD = do_GET

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        packed = gzip_accepted(self.headers.get("accept-encoding", ""))
        body = gzip.compress(body, PACKED) if packed else body
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        if packed:
            self.send_header("content-encoding", "gzip")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Scrapes are no news."""
