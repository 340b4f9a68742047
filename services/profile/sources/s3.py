"""[sources.NAME] kind = "s3": a bucket."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.asked import Asked


class S3Source(Asked):
    kind: Literal["s3"]
    bucket: str
    endpoint: str = ""
    region: str = "us-east-1"
    credentials_file: str = ""  # an AWS shared-credentials file; empty: boto3's own search
    aws_profile: str = ""
    canary: str = ""  # key that is read (and written, with canary_write) to measure latency
    canary_write: bool = False
    prefixes: tuple[str, ...] = ()  # newest object and sizes by these; the first is watched for the newest
    walk_calls: int = Field(default=5, ge=0)  # list calls per poll: 1,000 keys each; 0 never walks
    walk_every: Seconds = 900.0  # a finished walk starts again after this
