"""The demo's Redis: as much of it as a cache with expiring keys needs, in its own protocol, on a loopback port."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from services.demo import lifeline

SWEEP_S = 5.0


class Mistaken(ValueError):
    """What a client sent is not the protocol."""


@dataclass
class Store:
    keys: dict[bytes, tuple[bytes, float]] = field(default_factory=dict)  # value, and when it goes (monotonic)
    clients: int = 0
    began: float = field(default_factory=time.monotonic)

    def run(self, words: list[bytes]) -> bytes:
        handlers: dict[bytes, Callable[[list[bytes]], bytes]] = {
            b"PING": lambda rest: b"+PONG\r\n",
            b"INFO": lambda rest: _bulk(self._info().encode()),
            b"SET": self._set,
            b"GET": lambda rest: _bulk(self._get(rest[0])),
            b"DEL": lambda rest: b":%d\r\n" % (self.keys.pop(rest[0], None) is not None),
        }
        handler = handlers.get(words[0].upper())
        return handler(words[1:]) if handler else b"-ERR unknown command\r\n"

    def _set(self, rest: list[bytes]) -> bytes:
        """SET key value [NX] [EX seconds]"""
        key, value, *options = rest
        upper = [option.upper() for option in options]
        if b"NX" in upper and self._get(key) is not None:
            return b"$-1\r\n"
        lasts = float(options[upper.index(b"EX") + 1]) if b"EX" in upper else float("inf")
        self.keys[key] = (value, time.monotonic() + lasts)
        return b"+OK\r\n"

    def _get(self, key: bytes) -> bytes | None:
        value, until = self.keys.get(key, (None, 0.0))
        return value if until > time.monotonic() else None

    def _info(self) -> str:
        used = 900_000 + sum(len(key) + len(value) for key, (value, _) in self.keys.items())
        told = {
            "redis_version": "7.0.15",
            "uptime_in_seconds": int(time.monotonic() - self.began),
            "connected_clients": self.clients,
            "maxclients": 1000,
            "used_memory": used,
            "maxmemory": 64_000_000,
            "role": "master",
            "connected_slaves": 0,
        }
        return "".join(f"{name}:{value}\r\n" for name, value in told.items())

    async def sweep(self) -> None:
        """Forgets what has expired."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now = time.monotonic()
            self.keys = {key: kept for key, kept in self.keys.items() if kept[1] > now}

    async def client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients += 1
        try:
            while True:
                writer.write(self.run(await _command(reader)))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, Mistaken, ValueError, IndexError):
            pass  # a client that went away, or spoke something else
        finally:
            self.clients -= 1
            writer.close()


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    words = []
    for _ in range(await _number(reader, b"*")):
        length = await _number(reader, b"$")
        words.append((await reader.readexactly(length + 2))[:-2])
    if not words:
        raise Mistaken("an empty command")
    return words


async def _number(reader: asyncio.StreamReader, kind: bytes) -> int:
    line = await reader.readuntil(b"\r\n")
    if line[:1] != kind:
        raise Mistaken(f"{line[:20]!r} where {kind!r} is due")
    return int(line[1:-2])


def _bulk(value: bytes | None) -> bytes:
    return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)


async def _serve(port: int) -> None:
    store = Store()
    server = await asyncio.start_server(store.client, "127.0.0.1", port)
    lifeline.ready(port=server.sockets[0].getsockname()[1])
    await store.sweep()


def main() -> None:
    asyncio.run(_serve(lifeline.settings().get("port", 0)))


if __name__ == "__main__":
    main()
