"""[sources.NAME] kind = "queue", and what belongs to one: runs, flags, reaper."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from services.model import Seconds
from services.profile.sources.asked import Asked


class QueueSource(Asked):
    kind: Literal["queue"]
    database: str
    preset: str = ""
    mapping: dict[str, Any] | None = None  # instead of a preset, or over it
    types: tuple[str, ...] = ()  # known types, shown even when nothing of them is there
    window: Seconds = 900.0
    stale_after: dict[str, Seconds] = Field(default_factory=dict)  # per type, over the mapping's

    @model_validator(mode="after")
    def _has_mapping(self) -> QueueSource:
        if not self.preset and self.mapping is None:
            raise ValueError("a queue needs `preset` (one of services/queues/presets) or a `mapping` table")
        return self


class OfQueue(Asked):
    queue: str  # the queue source whose mapping says where


class RunsSource(OfQueue):
    kind: Literal["runs"]
    window: Seconds = 86_400.0


class FlagsSource(OfQueue):
    kind: Literal["flags"]


class ReaperSource(OfQueue):
    kind: Literal["reaper"]
