"""What a semantic style name looks like. Colour only repeats what a word or a shape already says."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style

# the terminal's own sixteen colours: the fewest bytes, and the person's own theme
_DARK = {
    "": Style(),
    "dim": Style(dim=True),
    "bold": Style(bold=True),
    "good": Style(color="green"),
    "warn": Style(color="yellow"),
    "bad": Style(color="bright_red", bold=True),
    "unknown": Style(color="magenta"),
    "title": Style(bold=True),
    "accent": Style(color="cyan"),
    "cursor": Style(reverse=True),
    "mark": Style(bold=True, color="cyan"),
    "head": Style(underline=True),
    "alarm": Style(color="bright_red", bold=True, reverse=True),
}
_LIGHT = {**_DARK, "warn": Style(color="red"), "bad": Style(color="red", bold=True)}
NAMES = tuple(_DARK)


@lru_cache(maxsize=256)
def style(name: str, over: str = "", dark: bool = True) -> Style:
    """The style of a name, under another one that holds for the whole row: `dim` when stale, `cursor`."""
    table = _DARK if dark else _LIGHT
    return table[name] + table[over]
