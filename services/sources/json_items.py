"""A figure for each item of a list in a JSON document: alerts that are open, requests that were refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.json_path import find as figure_at
from services.json_path import pick, steps, unit
from services.profile import Items
from services.readings import Figure, NamedFigure, Unknown
from services.text import safe

_LABEL = 60
_NOTE = 300


def of_list(document: Any, name: str, asked: Items) -> Iterator[NamedFigure]:
    """How many there are as NAME_count, then each. Two of the same labels are told apart by a number."""
    found = pick(document, steps(asked.list))
    if not isinstance(found, list):
        why = Unknown("no data yet", f"there is no list at {safe(asked.list, 100)}")
        yield NamedFigure(f"{name}_count", why, "count")
        return
    yield NamedFigure(f"{name}_count", len(found), "count")
    seen: dict[tuple[str, ...], int] = {}
    for item in found[: asked.most]:
        told = tuple(_word(item, key, _LABEL) for key in asked.labels)
        seen[told] = again = seen.get(told, 0) + 1
        labels = list(zip(asked.labels, told, strict=True)) + ([("again", str(again))] if again > 1 else [])
        value: Figure = 1
        kind = ""
        if asked.value:
            value, kind = figure_at(item, steps(asked.value))
        yield NamedFigure(name, value, kind or unit(name), tuple(labels), _word(item, asked.note, _NOTE))


def _word(item: Any, key: str, limit: int) -> str:
    found = item.get(key) if key and isinstance(item, dict) else None
    return safe(found, limit) if isinstance(found, str | int | float) else ""
