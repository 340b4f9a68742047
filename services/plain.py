"""Readings as plain data for JSON: an unknown figure is null with its reason beside it, under `unknown`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from services.readings import AtLeast, Estimate, Unknown

# Sequences of tuples, which are objects to a reader: either name -> figure, or rows whose cells have these names.
_PAIRS = {"by_status", "extra"}
_ROWS = {"prefixes": ("prefix", "objects", "bytes")}


def plain(value: Any) -> Any:
    """Anything that a source reports, as dicts, lists and scalars."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Estimate):
        return {"value": value.value, "estimated": True}
    if isinstance(value, AtLeast):
        return {"value": value.value, "at_least": True}
    if is_dataclass(value) and not isinstance(value, type):
        return keyed(_parts(value))
    if isinstance(value, Mapping):
        return keyed(value.items())
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no word for it
    return value


def keyed(parts: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the parts, with the reasons of those that are unknown."""
    found: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for name, value in parts:
        if isinstance(value, Unknown):
            reasons[name] = str(value)
        found[name] = _named(name, value)
    return {**found, "unknown": reasons} if reasons else found


def _named(name: str, value: Any) -> Any:
    if name in _PAIRS and isinstance(value, tuple):
        return keyed(value)
    if name in _ROWS and isinstance(value, tuple):
        return [dict(zip(_ROWS[name], row, strict=True)) for row in value]
    return plain(value)


def _parts(value: Any) -> list[tuple[str, Any]]:
    """Fields, then properties: `failing` and `saturation` are figures like any other."""
    properties = [name for name, part in vars(type(value)).items() if isinstance(part, property)]
    return [(name, getattr(value, name)) for name in (*(field.name for field in fields(value)), *properties)]
