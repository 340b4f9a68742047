"""As much of Redis's protocol as asking a few questions takes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

LONGEST = 1_048_576  # bytes of an answer: INFO has some thousands


class Garbled(ValueError):
    """What came is not Redis's protocol."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is an error: `code` is its first word, such as NOAUTH."""

    text: str

    @property
    def code(self) -> str:
        return self.text.partition(" ")[0]


def request(*words: str) -> bytes:
    """One command; its words may hold anything."""
    raw = [word.encode() for word in words]
    return b"*%d\r\n" % len(raw) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in raw)


async def answer(reader: asyncio.StreamReader) -> str | Refused:
    """The next answer: a line, an error or a text. EOFError when the connection ends before; Garbled otherwise."""
    try:
        line = await reader.readuntil(b"\r\n")
    except asyncio.LimitOverrunError as error:
        raise Garbled("a line without an end") from error
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        return Refused(rest.decode("utf-8", "replace"))
    if kind in b"+:":
        return rest.decode("utf-8", "replace")
    if kind == b"$" and rest.isdigit() and int(rest) <= LONGEST:
        return (await reader.readexactly(int(rest) + 2))[:-2].decode("utf-8", "replace")
    raise Garbled(f"{line[:40]!r} is no answer of Redis")


def fields(info: str) -> dict[str, str]:
    """What INFO says, by name."""
    pairs = (line.partition(":") for line in info.splitlines() if not line.startswith("#"))
    return {name: value for name, colon, value in pairs if colon}
