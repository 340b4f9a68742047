"""Figures of `status` as words: what is unknown, estimated or counted up to a cap is told apart."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import Any

WIDTH = 80


def cell(row: dict[str, Any], key: str, kind: str) -> str:
    """One figure: `?` when unknown, `~` before an estimate, `+` after a count that stopped at its cap."""
    value = row.get(key)
    if value is None:
        return "?"
    if isinstance(value, dict):
        mark = "~" if value.get("estimated") else ""
        return f"{mark}{number(value['value'], kind)}{'+' if value.get('at_least') else ''}"
    return number(value, kind)


def number(value: float, kind: str) -> str:
    if kind == "share":
        return f"{100 * value:.1f}%"
    if kind == "percent":
        return f"{value:.1f}%"
    if kind in ("time", "ms"):
        return duration(value / (1000 if kind == "ms" else 1))
    if kind == "moment":
        return datetime.fromtimestamp(value).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if kind == "figure":
        return f"{value:.4g}"
    base, units = (1024, ("", "K", "M", "G", "T")) if kind == "bytes" else (1000, ("", "k", "M", "G", "T"))
    for unit in units:
        if value < base or unit == "T":
            return f"{value:.0f}{unit}" if not unit or value >= 10 else f"{value:.1f}{unit}"
        value /= base
    return ""


def duration(seconds: float) -> str:
    if seconds < 1:
        return f"{1000 * seconds:.0f}ms"
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s"


def wrapped(lead: str, text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False)


def cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
