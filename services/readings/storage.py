"""What object storage says."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import NO_DATA_YET, NOT_CONFIGURED, AtLeast, Estimate, Figure, Unknown


@dataclass(frozen=True, slots=True)
class StorageValues:
    """`recent` and percentiles are of the window. A probe that was given up counts as the whole timeout."""

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
    recent_reads: Figure = NO_DATA_YET  # probes made
    recent_writes: Figure = NO_DATA_YET
    recent_read_errors: Figure = NO_DATA_YET  # share of them that failed
    recent_write_errors: Figure = NO_DATA_YET
    read_p50_s: Figure = NO_DATA_YET
    read_p95_s: Figure = NO_DATA_YET
    write_p50_s: Figure = NO_DATA_YET
    write_p95_s: Figure = NO_DATA_YET
    canary_bytes_per_s: Figure = NO_DATA_YET  # of reading the canary; a small one measures latency by another name
    growth_bytes_per_day: Figure = NO_DATA_YET  # between the last two complete walks
    capacity_bytes: Figure = NOT_CONFIGURED  # as the profile declares it
    window_s: float = 600.0

    @property
    def used_share(self) -> Figure:
        """Of the declared capacity, as of the last complete walk."""
        if isinstance(self.capacity_bytes, Unknown):
            return self.capacity_bytes
        if isinstance(self.bytes, Unknown):
            return self.bytes
        if isinstance(self.bytes, AtLeast | Estimate) or isinstance(self.capacity_bytes, AtLeast | Estimate):
            return Unknown("no data yet", self.walk_progress)
        return self.bytes / self.capacity_bytes
