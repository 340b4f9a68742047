"""Feature flags, and what the reaper has done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flag:
    name: str
    enabled: bool
    value: str  # "" when it has none
    changed_by: str
    changed_at: float | None
    reason: str
    expires_at: float | None
    expired: bool  # by the database's clock: the flag has no effect any more
    job_type: str = ""  # the job type it pauses or limits
    limits: bool = False  # it carries a concurrency limit
    exceptional: bool = False  # it is out of the ordinary when it is on, not when it is off

    @property
    def unusual(self) -> bool:
        """Whether it makes a difference now that somebody should know of."""
        return not self.expired and self.enabled == (self.limits or self.exceptional)


@dataclass(frozen=True, slots=True)
class FlagsValues:
    flags: tuple[Flag, ...]

    def paused(self, job_type: str) -> Flag | None:
        """The flag that pauses this job type now, if any."""
        return next(
            (f for f in self.flags if f.job_type == job_type and not f.limits and not f.enabled and not f.expired), None
        )

    def limit(self, job_type: str) -> Flag | None:
        """The flag that limits this job type's concurrency now, if any."""
        return next(
            (f for f in self.flags if f.job_type == job_type and f.limits and f.enabled and not f.expired), None
        )


@dataclass(frozen=True, slots=True)
class ReaperRun:
    kind: str
    started_at: float
    finished_at: float | None
    released: int | None
    error: str
    actor: str


@dataclass(frozen=True, slots=True)
class ReaperValues:
    runs: tuple[ReaperRun, ...]  # the newest 50
