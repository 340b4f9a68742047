"""[sources.NAME] kind = "s3": a bucket and how it answers; kind = "bucket": its settings, and what arrives in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Model, Seconds
from services.profile.sources.asked import Asked


class S3Access(Asked):
    """Where a bucket is, and as whom it is asked."""

    bucket: str
    endpoint: str = ""
    region: str = "us-east-1"
    credentials_file: str = ""  # an AWS shared-credentials file; empty: boto3's own search
    aws_profile: str = ""


class S3Source(S3Access):
    kind: Literal["s3"]
    canary: str = ""  # key that is read (and written, with canary_write) to measure latency
    canary_write: bool = False
    prefixes: tuple[str, ...] = ()  # newest object and sizes by these; the first is watched for the newest
    walk_calls: int = Field(default=5, ge=0)  # list calls per poll: 1,000 keys each; 0 never walks
    walk_every: Seconds = 900.0  # a finished walk starts again after this
    window: Annotated[Seconds, Field(gt=0, le=3600)] = 600.0  # over which probes are counted and timed
    capacity: int = Field(default=0, ge=0)  # bytes that the bucket may grow to; 0: not declared


class Expected(Model):
    """Objects that should keep coming: backups, archived WAL. Everything up to the next `/` below `prefix` is one."""

    prefix: str
    match: str = "*"  # shell pattern for what follows the prefix: leaves checksums and the like out
    every: Annotated[Seconds, Field(gt=0)]  # with some room: a daily dump that takes its time has "26h"
    min_share: float = Field(default=0.0, ge=0, lt=1)  # of the usual size; 0: the size is not judged


class BucketSource(S3Access):
    kind: Literal["bucket"]
    interval: Seconds = 600.0
    timeout: Seconds = 20.0
    arrivals: dict[str, Expected] = Field(default_factory=dict)
    list_calls: int = Field(default=20, ge=1)  # per poll and arrival: 1,000 keys each
