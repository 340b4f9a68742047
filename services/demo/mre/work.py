"""What running a job means in the demo: a while of work, perhaps an error, and objects for a published session."""

from __future__ import annotations

import random
from collections.abc import Set

from services.demo.link import Link
from services.demo.mre.pipeline import BAD_PARSER, BY_TYPE, MESSAGES, PARSER, SIZES
from services.demo.mre.queue import Failure, Job, record_datasets
from services.demo.objects import Objects, StorageError

FUSION_SLOW = "fusion-backlog"
PARSER_BAD = "parser-regression"
LAPS_LOST = "laps-lost"  # the bad release of the workers
PERMANENT_SHARE = 0.008
TRANSIENT_SHARE = 0.02

_OF_FAMILY = {"CSV_NO_TIME_COLUMN": "csv", "GPX_MISSING_TIME": "gpx"}


def duration(job: Job, faults: Set[str]) -> float:
    """How long the work takes, in seconds."""
    seconds = BY_TYPE[job.type].seconds * SIZES[job.size_class] * random.uniform(0.6, 1.6)  # noqa: S311 - no secret
    if job.type == "fuse" and FUSION_SLOW in faults:
        return seconds * 10
    return 0.1 if _refused(job, faults) else seconds


def _refused(job: Job, faults: Set[str]) -> bool:
    return job.type == "parse_raw" and PARSER_BAD in faults and job.format_family == "gpx"


def parser_version(faults: Set[str], pinned: str = PARSER) -> str:
    return BAD_PARSER if PARSER_BAD in faults else pinned


def outcome(job: Job, faults: Set[str]) -> Failure | None:
    """Whether the work fails on its own: bad input now and then, and everything GPX under the bad parser."""
    if _refused(job, faults):
        code = "GPX_MISSING_TIME" if job.id % 3 else "TIMESTAMP_NON_MONOTONIC"
        return Failure(code, f"parser gpx {BAD_PARSER}: {MESSAGES[code]}", transient=False)
    chance = random.random()  # noqa: S311
    if job.type == "detect_laps" and LAPS_LOST in faults and chance < 0.7:
        return Failure("LAP_LINE_NOT_CROSSED", MESSAGES["LAP_LINE_NOT_CROSSED"], transient=False)
    if chance > PERMANENT_SHARE + TRANSIENT_SHARE:
        return None
    codes = [c for c in BY_TYPE[job.type].errors if _OF_FAMILY.get(c, job.format_family) == job.format_family]
    if not codes:
        return None
    code = random.choice(codes)  # noqa: S311
    return Failure(code, f"session format {job.format_family}: {MESSAGES[code]}", transient=chance > PERMANENT_SHARE)


def publish(link: Link, objects: Objects, job: Job) -> Failure | None:
    """Writes the run's datasets, then their rows: an outage leaves a session unpublished, never half there."""
    size = int(900 * SIZES[job.size_class])
    written = {f"datasets/{job.run_id}/{name}": b"\0" * size for name in ("l1.bin", "fused.bin", "laps.json")}
    try:
        for key, content in written.items():
            objects.put(key, content)
    except StorageError as error:
        return Failure("STORAGE_WRITE_FAILED", f"{MESSAGES['STORAGE_WRITE_FAILED']}: {error}", transient=True)
    record_datasets(link, job, written)
    return None
