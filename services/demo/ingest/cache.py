"""The API's side of Redis: one question over one kept connection, which opens itself again."""

from __future__ import annotations

import contextlib
import socket

from services.sources.resp import request

TIMEOUT_S = 0.5


class CacheAway(Exception):
    """Redis does not answer."""


class Cache:
    """Not for use from several threads."""

    def __init__(self, port: int) -> None:
        self._at = ("127.0.0.1", port)
        self._socket: socket.socket | None = None

    def ping(self) -> None:
        self._ask("PING")

    def first(self, key: str) -> bool:
        """Whether this key is seen for the first time within a minute."""
        return self._ask("SET", key, "1", "NX", "EX", "60").startswith(b"+")

    def _ask(self, *words: str) -> bytes:
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._at, TIMEOUT_S)
            self._socket.sendall(request(*words))
            answer = self._socket.recv(4096)
        except OSError as error:
            self._close()
            raise CacheAway(type(error).__name__) from error
        if not answer:
            self._close()
            raise CacheAway("it closed the connection")
        return answer

    def _close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._socket = None
