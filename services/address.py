"""Addresses as a profile names them: host:port, [::1]:port, or a URL."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from services.text import safe

_PORTS = {"https": 443, "http": 80, "wss": 443, "rediss": 6379, "redis": 6379, "ldaps": 636, "postgresql": 5432}


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        """As it is shown, and as figures are called: without the user and the path of a URL."""
        return safe(f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}", 200)


def address(said: str, port: int | None = None) -> Address:
    """What is said, with `port` where nothing tells one. ValueError, with what to write, when it is no address."""
    try:
        parts = urlsplit(said if "://" in said else f"//{said}")
        found = parts.port or _PORTS.get(parts.scheme) or port
    except ValueError:
        parts, found = urlsplit(""), None
    if not parts.hostname or not found:
        raise ValueError("an address is host:port, [::1]:port or a URL")
    return Address(parts.hostname, found)
