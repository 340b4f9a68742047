"""The tables beside the jobs that a mapping may describe, or a fault saying which is missing and where to add it."""

from __future__ import annotations

from typing import TypeVar

from services.errors import SourceError
from services.queues.mapping import Flags, Mapping, Reaper, Runs

Table = TypeVar("Table")


def runs(mapping: Mapping, queue: str) -> Runs:
    return _described(mapping.runs, "runs", mapping, queue)


def flags(mapping: Mapping, queue: str) -> Flags:
    return _described(mapping.flags, "flags", mapping, queue)


def reaper(mapping: Mapping, queue: str) -> Reaper:
    return _described(mapping.reaper, "reaper", mapping, queue)


def _described(table: Table | None, name: str, mapping: Mapping, queue: str) -> Table:
    if table is None:
        raise SourceError(
            "config",
            f"the mapping {mapping.name!r} of queue {queue!r} has no [{name}] table: where its {name} are is not known",
            f"describe them under [sources.{queue}.mapping.{name}], or take this source out of the profile",
        )
    return table
