"""The dumps of a database that there are, whether one can tell what they hold, and what became of testing them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.readings.figure import NO_DATA_YET, NOT_CONFIGURED, Figure


@dataclass(frozen=True, slots=True)
class Dump:
    key: str
    bytes: int
    at: float  # unix seconds
    share: Figure = NO_DATA_YET  # of the median of the ones before
    described: bool = False  # there is a manifest: its checksum and what it holds are known
    tested: Literal["", "passed", "failed"] = ""
    tested_at: float | None = None


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup or a restore test has left on this machine."""

    of: str  # the action's id
    title: str
    at: float
    by: str
    passed: bool
    said: str  # what is wrong, or the figures
    record: str  # its id


@dataclass(frozen=True, slots=True)
class BackupsValues:
    where: str  # bucket and prefix
    dumps: tuple[Dump, ...]  # the newest first
    count: int
    newest_age_s: Figure
    leftovers: Figure  # uploads of dumps that were begun and never ended
    tested_age_s: Figure  # since a restore test of any of them has passed
    reports: tuple[BackupReport, ...] = ()  # the newest first
    wal: str = ""  # the segment that PostgreSQL archived last
    wal_arrived: Figure = NOT_CONFIGURED  # 1: its object is there
