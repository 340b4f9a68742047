"""Lines of styled text measured in terminal cells: padded, cut, wrapped and compared."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from rich.cells import cell_len

Segment: TypeAlias = tuple[str, str]  # text, style name (widgets/styles.py)
Line: TypeAlias = tuple[Segment, ...]

ELLIPSIS = "…"
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_VISIBLE_ON_BLANKS = frozenset(("cursor", "head", "alarm"))  # styles that show where there is no letter


def plain(text: str) -> str:
    """The text with everything that is not a printable character made into a replacement mark.

    What comes from outside went through services.text long before; this holds even for what did not.
    """
    if text.isascii() and text.isprintable():
        return text
    # a variation selector makes the character before it wider: cells could not be counted one by one any more
    text = _SELECTORS.sub("", text)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char in "\u00a0\u3000" else "\ufffd" for char in text)


def text_of(content: Line) -> str:
    return "".join(text for text, _ in content)


def width_of(content: Line) -> int:
    return sum(cell_len(text) for text, _ in content)


def cut(text: str, width: int, more: bool = False) -> str:
    """The text in at most `width` cells, with an ellipsis where it was longer, or more follows and finds no room."""
    # zero-width characters take no cells, so that a megabyte of them must not get as far as the loop below
    whole = len(text) <= 4 * width + 8
    head = plain(text[: 4 * width + 8])
    if whole and cell_len(head) <= width - more:
        return head
    if width <= 0:
        return ""
    taken, cells = [], 0
    for char in head:
        cells += cell_len(char)
        if cells > width - 1:
            break
        taken.append(char)
    return "".join(taken) + ELLIPSIS


def fit(content: Line, width: int, align: str = "left", fill: str = "") -> Line:
    """The line in exactly `width` cells: cut with an ellipsis, or padded in style `fill`."""
    fitted: list[Segment] = []
    left = width
    parts = [part for part in content if part[0]]
    for at, (text, style) in enumerate(parts):
        short = cut(text, left, more=at + 1 < len(parts))
        if short:
            fitted.append((short, style))
        left -= cell_len(short)
        if left <= 0 or (short != text and short.endswith(ELLIPSIS)):
            break
    if left <= 0:
        return tuple(fitted)
    pad = (" " * left, fill)
    return (pad, *fitted) if align == "right" else (*fitted, pad)


def between(left: Line, right: Line, width: int, rule: str = " ", style: str = "") -> Line:
    """Left and right ends of a row with a rule between them; the left end is cut first."""
    room = width - width_of(right)
    if room < 1:
        return fit(right, width)
    if width_of(left) > room:
        left = fit(left, room)
    return (*left, (rule * (room - width_of(left)), style), *right)


def wrap(text: str, width: int, style: str = "") -> list[Line]:
    """Words over as many lines as they need."""
    head = plain(text[: 40 * max(width, 1)])
    return [((row, style),) for row in textwrap.wrap(head, max(width, 1))]


def flow(content: Line, width: int) -> list[Line]:
    """A line over as many rows as it needs, in the style of its first part when it has to be broken."""
    if width_of(content) <= width:
        return [content]
    return wrap(text_of(content), width, content[0][1])


def beside(parts: Iterable[Line], gap: str = "  ") -> Line:
    """Several lines in one, with a gap between."""
    joined: list[Segment] = []
    for part in parts:
        if joined:
            joined.append((gap, ""))
        joined.extend(part)
    return tuple(joined)


def _cells(content: Line) -> Iterator[Segment]:
    for text, style in content:
        if text.isascii():
            yield from ((char, style) for char in text)
            continue
        cluster = ""
        for char in text:
            if cell_len(char):
                if cluster:
                    yield from _cluster(cluster, style)
                cluster = char
            else:
                cluster += char
        yield from _cluster(cluster, style)


def _cluster(cluster: str, style: str) -> Iterator[Segment]:
    """One drawn character, and an empty cell behind it for each further cell it covers."""
    yield cluster, style
    for _ in range(cell_len(cluster[0]) - 1):
        yield "", style


def changed(before: Line, after: Line) -> tuple[int, int] | None:
    """From the first to behind the last cell in which two lines differ; None when they do not."""
    if before == after:
        return None
    old, new = list(_cells(before)), list(_cells(after))
    length = max(len(old), len(new))
    if len(old) != len(new):
        return 0, length
    differing = [at for at in range(length) if old[at] != new[at]]
    if not differing:
        return None
    start, end = differing[0], differing[-1] + 1
    # never begin or end within a character that is two cells wide
    while start > 0 and (old[start][0] == "" or new[start][0] == ""):
        start -= 1
    while end < length and (old[end][0] == "" or new[end][0] == ""):
        end += 1
    return start, end


def merged(content: Line) -> Line:
    """The same line in as few segments as possible: every one costs ten bytes of escape sequences."""
    parts: list[Segment] = []
    for text, style in content:
        if style not in _VISIBLE_ON_BLANKS and not text.strip(" "):
            style = ""
        if parts and parts[-1][1] == style:
            parts[-1] = (parts[-1][0] + text, style)
        elif text:
            parts.append((text, style))
    return tuple(parts)
