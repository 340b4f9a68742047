"""What the runs say that jobs belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.readings.figure import Figure

Ending = Literal["live", "succeeded", "partial", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class RunsValues:
    """Processing runs: status now, and shares over the window (`window_s`, a day by default)."""

    by_status: tuple[tuple[str, Figure], ...]  # live states exactly, finished ones in the window
    window_s: float
    partial_share: Figure
    failed_share: Figure
    publish_success: Figure
    usable: tuple[UsableTime, ...]
    recent: tuple[Run, ...]  # the newest 200
    endings: tuple[tuple[str, Ending], ...] = ()  # what each status means, in whatever words the system has for it


@dataclass(frozen=True, slots=True)
class UsableTime:
    size_class: str
    count: int
    p50_s: Figure
    p95_s: Figure


@dataclass(frozen=True, slots=True)
class Run:
    id: str
    session: str
    owner: str
    status: str
    size_class: str
    created_at: float
    usable_s: float | None
    finished_at: float | None
    reprocess_of: str = ""
