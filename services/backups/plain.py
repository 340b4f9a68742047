"""A dump that is SQL, read so that nothing in it leads out of the database that it is restored into.

It keeps accidents out (`pg_dump --create` connects to the live name); who can write dumps can run what they like as the
role that restores them, whatever the format: that role should be one that can do nothing else.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from services.errors import SourceError
from services.text import safe

CHUNK = 1 << 20
CUSTOM = b"PGDMP"  # how pg_dump's custom format begins
_GZIP = b"\x1f\x8b"
_COPY = re.compile(rb"copy\s.*\sfrom\s+stdin\b", re.I)
_OURS = re.compile(rb"\\(?:restrict|unrestrict)\s")  # what pg_dump itself writes
_LEADS_OUT = re.compile(rb"\s*(?:(?:create|drop|alter)\s+database|alter\s+system)\b", re.I)


def is_custom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(CUSTOM)) == CUSTOM


def pieces(path: Path) -> Iterator[bytes]:
    """The file's content, unpacked where it is packed. SourceError where it is damaged, or leads out."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as content:
            raw = iter(lambda: content.read(CHUNK), b"")
            yield from raw if is_custom(path) else kept_inside(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(
            "protocol", f"{safe(path, 300)}: {safe(error, 200)}", "it is damaged: take another"
        ) from error


def kept_inside(content: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes; SourceError at the first line that would lead out."""
    copying, rest = False, b""
    for piece in content:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            copying = _after(line, copying)
        if lines:
            yield b"\n".join(lines) + b"\n"
    _after(rest, copying)
    yield rest


def _after(line: bytes, copying: bool) -> bool:
    """Whether rows of a COPY follow; they are data, whatever they look like."""
    if copying:
        return line.rstrip() != b"\\."
    if _LEADS_OUT.match(line) or (line.startswith(b"\\") and not _OURS.match(line)):
        raise SourceError(
            "protocol",
            f"the dump would lead out of the scratch database: {safe(line[:80].decode(errors='replace'))}",
            "dump without --create; what leads elsewhere is not restored",
        )
    return _COPY.match(line) is not None
