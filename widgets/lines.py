"""Lines of styled text measured in terminal cells: padded, cut, wrapped and compared."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from rich.cells import cell_len

Segment: TypeAlias = tuple[str, str]  # text, style name (widgets/styles.py)
Line: TypeAlias = tuple[Segment, ...]

ELLIPSIS = "…"
_MERGE = 8  # cells: moving the terminal's cursor costs about as much as repainting this many unchanged ones


def plain(text: str) -> str:
    """The text with everything that is not a printable character made into a replacement mark.

    What comes from outside went through services.text long before; this holds even for what did not.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char in "\u00a0\u3000" else "\ufffd" for char in text)


def line(*parts: Segment | str) -> Line:
    """A line from segments and bare text."""
    return tuple((part, "") if isinstance(part, str) else part for part in parts)


def text_of(content: Line) -> str:
    return "".join(text for text, _ in content)


def width_of(content: Line) -> int:
    return sum(cell_len(text) for text, _ in content)


def cut(text: str, width: int, more: bool = False) -> str:
    """The text in at most `width` cells, with an ellipsis where it was longer, or more follows and finds no room."""
    # zero-width characters take no cells, so that a megabyte of them must not get as far as the loop below
    head = plain(text[: 4 * width + 8])
    if len(head) == len(text) and cell_len(head) <= width - more:
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
        if left <= 0 or len(short) < len(text):
            break
    if left <= 0:
        return tuple(fitted)
    pad = (" " * left, fill)
    return (pad, *fitted) if align == "right" else (*fitted, pad)


def between(left: Line, right: Line, width: int, rule: str = " ", style: str = "") -> Line:
    """Left and right ends of a row with a rule between them; the left end is cut first."""
    room = width - width_of(right) - 1
    if room < 1:
        return fit(right, width)
    if width_of(left) > room:
        left = fit(left, room)
    gap = width - width_of(left) - width_of(right)
    return (*left, (rule * gap, style), *right)


def wrap(text: str, width: int, style: str = "") -> list[Line]:
    """Words over as many lines as they need."""
    head = plain(text[: 40 * max(width, 1)])
    return [((row, style),) for row in textwrap.wrap(head, max(width, 1))]


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


def changed(before: Line, after: Line) -> Sequence[tuple[int, int]]:
    """The runs of cells, as (start, end), in which two fitted lines of one width differ."""
    if before == after:
        return ()
    old, new = list(_cells(before)), list(_cells(after))
    if len(old) != len(new):
        return ((0, max(len(old), len(new))),)
    runs: list[tuple[int, int]] = []
    for at, (was, now) in enumerate(zip(old, new, strict=True)):
        if was == now:
            continue
        if runs and at - runs[-1][1] < _MERGE:
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    # never start or end within a character that is two cells wide
    return [(_left(old, new, start), _right(old, new, end)) for start, end in runs]


def _left(old: list[Segment], new: list[Segment], at: int) -> int:
    while at > 0 and (old[at][0] == "" or new[at][0] == ""):
        at -= 1
    return at


def _right(old: list[Segment], new: list[Segment], at: int) -> int:
    while at < len(new) and (old[at][0] == "" or new[at][0] == ""):
        at += 1
    return at
