"""Which key of a queue's mapping a database error is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.errors import SourceError
from services.queues.mapping import Mapping as QueueMapping

_NAMED = re.compile(r'(?:table|column|schema|function|view) "?(?P<name>[\w.$]+)')
_NOT_ASKED = {"name", "title", "cost.indexes", "actions"}  # words of the mapping that no poll runs as SQL


def blame(error: SourceError, mapping: QueueMapping, queue: str) -> SourceError:
    """The same error with the mapping's keys that mention the missing or forbidden name, if any does."""
    found = _NAMED.search(error.message)
    if error.kind not in ("missing", "denied", "config") or found is None:
        return error
    word = re.compile(rf"(?<![\w.]){re.escape(found['name'])}(?!\w)")
    keys = [key for key, value in _leaves(mapping.model_dump(), "") if word.search(value)]
    if not keys:
        return error
    place = f"mapping {mapping.name!r}: {', '.join(keys[:4])}"
    if error.kind == "denied":
        return SourceError(error.kind, f"{error.message} ({place})", error.remedy)
    table = f"[sources.{queue}.mapping.{_table(keys)}]"
    remedy = f"is this the queue's database? Where its tables differ from the preset, say so under {table}"
    return SourceError(error.kind, f"{error.message} ({place})", remedy)


def _table(keys: list[str]) -> str:
    return keys[0].rpartition(".")[0]


def _leaves(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            place = f"{path}.{key}" if path else str(key)
            if place not in _NOT_ASKED:
                yield from _leaves(value, place)
    elif isinstance(node, str):
        yield path, node
