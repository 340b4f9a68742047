"""The one place where text from outside becomes safe to show: what a terminal would act on becomes a visible escape."""

from __future__ import annotations

import unicodedata

LIMIT = 4096
ELLIPSIS = "…"

_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Printable by Unicode's categories, and yet drawn as nothing: joiners, fillers and variation selectors.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | {
    chr(code) for code in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}
_MARKS = 4  # accents a letter may carry; more of them paint over the rows above and below


def safe(text: object, limit: int = LIMIT) -> str:
    """One line that a terminal only draws, at most `limit` characters long; None is the empty text.

    A character that controls, hides or reorders is written as Python would write it. A backslash stays as it is, so
    that safe text stays the same when it comes through here again.

    >>> safe("red \\x1b[31m alert")
    'red \\\\x1b[31m alert'
    """
    raw = _string(text, limit)
    if raw.isascii() and raw.isprintable():
        return raw if len(raw) <= limit else raw[: limit - 1] + ELLIPSIS
    return _cut(_pieces(raw), limit)


def safe_lines(text: object, limit: int = 4 * LIMIT) -> tuple[str, ...]:
    """The same for text of several lines, such as a traceback; `limit` counts the characters of all of them."""
    raw = _string(text, limit)
    lines = [safe(line.removesuffix("\r").replace("\t", "    "), limit) for line in raw[:limit].split("\n")]
    if len(raw) > limit:
        lines.append(ELLIPSIS)
    return tuple(lines)


def _string(value: object, limit: int) -> str:
    """The first characters of anything, one more than `limit` when there are more."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value[: 4 * limit + 4]).decode("utf-8", "backslashreplace")[: limit + 1]
    try:
        return str(value)[: limit + 1]
    except Exception:  # a foreign __str__ may raise anything, and a row must not be lost over it
        return f"<{type(value).__name__}>"[: limit + 1]


def _pieces(raw: str) -> list[str]:
    """Each character as it may be shown, or its escape."""
    pieces = []
    marks = _MARKS  # a mark with no letter before it would land on whatever stands left of the text
    for char in raw:
        if unicodedata.category(char) in ("Mn", "Me"):
            marks += 1
            pieces.append(char if marks <= _MARKS and char not in _BLANK else _escape(char))
            continue
        marks = 0
        pieces.append(char if _visible(char) else _escape(char))
    return pieces


def _visible(char: str) -> bool:
    """Letters, signs and spaces. Not controls, formats, surrogates, private or unassigned characters."""
    return (char.isprintable() or unicodedata.category(char) == "Zs") and char not in _BLANK


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return _SHORT.get(char) or f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cut(pieces: list[str], limit: int) -> str:
    """The pieces joined, cut between two of them: half an escape would read as another character."""
    joined = "".join(pieces)
    if len(joined) <= limit:
        return joined
    used = 0
    for at, piece in enumerate(pieces):
        used += len(piece)
        if used > limit - 1:
            return "".join(pieces[:at]) + ELLIPSIS
    return joined
