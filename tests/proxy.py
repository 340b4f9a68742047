"""A TCP proxy whose link can be made bad while it runs: for Postgres, HTTP and S3 alike."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Mode = Literal["pass", "delay", "blackhole", "reset", "refuse"]

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close sends RST


class Proxy:
    """Listens on a loopback port of its own and relays to `target_port`, in a thread with its own event loop.

    pass       relay
    delay      relay every piece `delay_s` later
    blackhole  accept, and swallow both ways; what is swallowed never arrives, also after the link is good again
    reset      open links are reset, new ones as soon as they are accepted
    refuse     open links are reset and the port is closed
    A mode applies at once, to the links that are open too.
    """

    def __init__(self, target_port: int, target_host: str = "127.0.0.1") -> None:
        self.target = (target_host, target_port)
        self.mode: Mode = "pass"
        self.delay_s = 0.0
        self.accepted = 0  # links ever accepted
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._held = socket.socket()  # the port, while it is refused
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self.port = self._wait(self._listen(0))

    # ---- what a test calls, from any thread

    def set(self, mode: Mode, delay_s: float = 0.0) -> None:
        """Switches the link, and returns when it is switched."""
        self._wait(self._switch(mode, delay_s))

    def pass_(self) -> None:
        self.set("pass")

    def delay(self, seconds: float) -> None:
        self.set("delay", seconds)

    def blackhole(self) -> None:
        self.set("blackhole")

    def reset(self) -> None:
        self.set("reset")

    def refuse(self) -> None:
        self.set("refuse")

    @property
    def open_links(self) -> int:
        """Client connections that are open now."""
        return len(self._links) // 2

    def close(self) -> None:
        self._wait(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    # ---- in the thread

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self, port: int) -> int:
        self._held.close()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def _switch(self, mode: Mode, delay_s: float) -> None:
        self.mode, self.delay_s = mode, delay_s
        if mode in ("reset", "refuse"):
            self._reset_all()
        if mode == "refuse" and self._server is not None:
            self._server.close()
            self._server = None
            self._held = socket.socket()  # bound and not listening: nobody else's server answers there meanwhile
            self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._held.bind(("127.0.0.1", self.port))
        elif mode != "refuse" and self._server is None:
            await self._listen(self.port)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.mode == "reset":
            _reset(writer)
            return
        try:
            onward = await asyncio.open_connection(*self.target)
        except OSError:
            _reset(writer)
            return
        pair = {writer, onward[1]}
        self._links |= pair
        pipes = [asyncio.ensure_future(self._pipe(*ends)) for ends in ((reader, onward[1]), (onward[0], writer))]
        self._tasks.update(pipes)
        await asyncio.wait(pipes)
        self._tasks.difference_update(pipes)
        self._links -= pair
        for end in pair:
            end.close()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                if self.mode == "delay":
                    await asyncio.sleep(self.delay_s)
                if self.mode != "blackhole":
                    writer.write(piece)
                    await writer.drain()
            if self.mode != "blackhole" and writer.can_write_eof():
                writer.write_eof()
        except OSError:  # one end was reset, so the other end shall be
            if self.mode != "blackhole":
                _reset(writer)
        except asyncio.CancelledError:
            pass

    def _reset_all(self) -> None:
        for writer in self._links:
            _reset(writer)

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        self._held.close()
        self._reset_all()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        await asyncio.sleep(0)  # lets the accepting tasks see that their pipes have ended


def _reset(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):  # closed already
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
