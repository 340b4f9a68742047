"""What object storage says."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import Figure


@dataclass(frozen=True, slots=True)
class StorageValues:
    endpoint: str
    bucket: str
    reachable: bool
    canary_read_s: Figure
    canary_write_s: Figure
    newest_key: str
    newest_at: Figure  # unix seconds
    objects: Figure  # by the last complete walk
    bytes: Figure
    walk_age_s: Figure  # age of that walk's end
    walk_progress: str  # "walking: 12,000 keys so far"
    read_errors: Figure  # share of probes that failed, over the last hour
    write_errors: Figure
    prefixes: tuple[tuple[str, int, int], ...] = ()  # prefix, objects, bytes
