"""What came back over HTTP, read up to a cap: status, a piece of the body, and the version if it is JSON."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.text import safe

if TYPE_CHECKING:
    import httpx

SHOWN = 200  # characters of the body that are kept
PARSED = 65_536  # bytes: a longer answer is not looked into


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    version: str
    location: str
    cut: bool  # there was more than the cap


async def read(response: httpx.Response, cap: int, version_field: str) -> Answer:
    raw = bytearray()
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) > cap:
            break
    plain = _unpacked(bytes(raw[: cap + 1]), response.headers.get("content-encoding", ""), cap)
    cut = max(len(raw), len(plain)) > cap
    return Answer(
        response.status_code,
        safe(plain[: 4 * SHOWN].decode("utf-8", "replace"), SHOWN),
        "" if cut else _version(plain, version_field),
        safe(response.headers.get("location", ""), SHOWN),
        cut,
    )


def _unpacked(raw: bytes, encoding: str, cap: int) -> bytes:
    """The plain bytes, at most one more than the cap. We ask for no compression; some servers send it all the same."""
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return raw
    try:
        return zlib.decompressobj(wbits=47).decompress(raw, cap + 1)  # 47: gzip or zlib, told from the header
    except zlib.error:
        return raw


def _version(plain: bytes, field: str) -> str:
    """The version that a small JSON object names; an answer that is no such object has none."""
    if len(plain) > PARSED or plain.lstrip()[:1] != b"{":
        return ""
    try:
        found = json.loads(plain).get(field, "")
    except (ValueError, RecursionError):  # not JSON after all, or nested to provoke us
        return ""
    return safe(found, 64) if isinstance(found, str | int | float) else ""
