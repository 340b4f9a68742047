"""MRE's pipeline as a table: which stage follows which, who runs it, how long it takes and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

PARSER = "4.2.0"
BAD_PARSER = "4.3.0"  # the release of the parser-regression scenario
FAMILIES = ("gpx", "csv", "fit", "racebox")
SIZES = MappingProxyType({"S": 1.0, "M": 1.5, "L": 2.5})  # size class -> how much longer its jobs take


@dataclass(frozen=True)
class Stage:
    type: str
    pool: str
    seconds: float  # of work for a size S session
    required: bool  # without it there is nothing to publish: the run fails. Otherwise it ends partial
    errors: tuple[str, ...]


STAGES = (
    Stage("artifact_validate", "ingest", 0.15, True, ("ARTIFACT_CHECKSUM_MISMATCH", "ARTIFACT_MIME_MISMATCH")),
    Stage("parse_raw", "ingest", 0.5, True, ("CSV_NO_TIME_COLUMN", "GPX_MISSING_TIME", "TIMESTAMP_NON_MONOTONIC")),
    Stage("normalise", "process", 0.3, True, ("TIME_ALIGNMENT_DRIFT", "TIMESTAMP_NON_MONOTONIC")),
    Stage("downsample_L1", "process", 0.3, True, ("CHUNK_BUDGET_EXCEEDED",)),
    Stage("fuse", "process", 0.8, False, ("IMU_AXIS_MISMATCH", "FRAME_AMBIGUOUS", "GNSS_JITTER_HIGH")),
    Stage("detect_laps", "process", 0.25, False, ("GNSS_TELEPORT_EVENTS", "LAP_LINE_NOT_CROSSED")),
    Stage("publish_session", "publish", 0.2, True, ("MANIFEST_HASH_MISMATCH",)),
)
BY_TYPE = MappingProxyType({stage.type: stage for stage in STAGES})
FIRST = STAGES[0].type

MESSAGES = MappingProxyType(
    {
        "ARTIFACT_CHECKSUM_MISMATCH": "sha256 of the artifact differs from the upload manifest",
        "ARTIFACT_MIME_MISMATCH": "content is not what its MIME type says",
        "CSV_NO_TIME_COLUMN": "no time column among the headers",
        "GPX_MISSING_TIME": "trkpt without <time> from point 0 on",
        "TIMESTAMP_NON_MONOTONIC": "timestamps run backwards at sample 1208",
        "TIME_ALIGNMENT_DRIFT": "GNSS and IMU clocks drift apart by 184 ms/min",
        "CHUNK_BUDGET_EXCEEDED": "level 1 would need more chunks than the budget allows",
        "IMU_AXIS_MISMATCH": "gravity is on the y axis, the device family says z",
        "FRAME_AMBIGUOUS": "no coordinate frame in the metadata and two fit",
        "GNSS_JITTER_HIGH": "HDOP above 6 for 41 % of the session",
        "GNSS_TELEPORT_EVENTS": "17 jumps of more than 200 m between samples",
        "LAP_LINE_NOT_CROSSED": "no crossing of the start line found",
        "MANIFEST_HASH_MISMATCH": "manifest hash changed while publishing",
        "STORAGE_WRITE_FAILED": "object storage refused a write",
    }
)


def following(job_type: str) -> str | None:
    """The stage after this one; None after the last."""
    at = [stage.type for stage in STAGES].index(job_type)
    return STAGES[at + 1].type if at + 1 < len(STAGES) else None


def pool_types(pool: str) -> tuple[str, ...]:
    return tuple(stage.type for stage in STAGES if stage.pool == pool)
