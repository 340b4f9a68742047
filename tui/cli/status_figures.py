"""Any source's figures as text: by their names, for the kinds that have no lines of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui.cli.status_cells import cell, wrapped

LISTED = 8  # of several things of one kind
_INDENT = " " * 10
_UNITS = {
    "s": "time",
    "ms": "ms",
    "unix": "moment",
    "bytes": "bytes",
    "share": "share",
    "percent": "percent",
    "count": "count",
}
_ENDINGS = {"_s": "time", "bytes": "bytes", "memory": "bytes", "share": "share", "rate": "share", "errors": "share"}
_NOT_LISTED = ("lines",)  # a log is read in the console, or from --json
_WORDS = ("about", "version", "role", "state", "detail", "said", "note")
_POINTS_IN_TIME = ("_at", "not_after", "since", "last", "next")  # seconds since 1970 are nothing to read
_SAID_BY_STATE = "on"


def figures(name: str, values: dict[str, Any]) -> Iterator[str]:
    """Under the source's name, 80 columns wide."""
    lead = f"{name:9} "
    if "figures" in values:
        yield from wrapped(lead, " · ".join(filter(None, (values["about"], values["said"]))))
        for figure in values["figures"][:LISTED]:
            yield f"{_INDENT}{figure['key']} {cell(figure, 'value', _UNITS.get(figure['unit'], 'figure'))}"
    else:
        yield from wrapped(lead, ", ".join(_told(values)) or "answers")
        for kind, items in values.items():
            if isinstance(items, list) and kind not in _NOT_LISTED:
                yield from _items(items)


def _items(items: list[Any]) -> Iterator[str]:
    named = [item for item in items if isinstance(item, dict)]
    for item in named[:LISTED]:
        fault = item.get("fault")
        said = fault["message"] if fault else ", ".join(_told(item))
        yield from wrapped(_INDENT, f"{next(iter(item.values()))}: {said}")
    if len(named) > LISTED:
        yield f"{_INDENT}and {len(named) - LISTED} more"


def _told(item: dict[str, Any]) -> Iterator[str]:
    """Its words, then its figures; one that is unknown, and should not be, is a question mark."""
    yield from (item[name] for name in _WORDS if isinstance(item.get(name), str) and item[name])
    unknown = item.get("unknown", {})
    for name, value in item.items():
        if name == _SAID_BY_STATE or name.endswith(_POINTS_IN_TIME) or unknown.get(name, "").startswith("not config"):
            continue
        if isinstance(value, bool):
            yield f"{name.replace('_', ' ')} {'yes' if value else 'no'}"
        elif name in unknown or isinstance(value, int | float) or (isinstance(value, dict) and "value" in value):
            plain = "count" if isinstance(value, int) else "figure"
            kind = next((kind for ending, kind in _ENDINGS.items() if name.endswith(ending)), plain)
            yield f"{name.removesuffix('_s').replace('_', ' ')} {cell(item, name, kind)}"
