"""The tables under [sources]: what is asked, where and how often."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from services.model import Model, Seconds


class _Asked(Model):
    interval: Seconds = 5.0
    timeout: Seconds = 3.0
    title: str = ""
    runbook: str = ""
    severity: str = ""  # of the alert while it does not answer


class HttpSource(_Asked):
    kind: Literal["http"]
    url: str
    paths: tuple[str, ...]
    headers: dict[str, str] = Field(default_factory=dict)
    max_bytes: int = Field(default=262_144, gt=0)
    version_field: str = "version"  # top-level key of a JSON answer


class PostgresSource(_Asked):
    kind: Literal["postgres"]
    dsn: str  # libpq form, without a password: .pgpass, a service file or the environment have that
    action_dsn: str = ""  # for actions; empty: the same
    pooler: bool = False  # through PgBouncer: no session settings, no options=


class S3Source(_Asked):
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


class QueueSource(_Asked):
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


class OfQueue(_Asked):
    queue: str  # the queue source whose mapping says where


class RunsSource(OfQueue):
    kind: Literal["runs"]
    window: Seconds = 86_400.0


class FlagsSource(OfQueue):
    kind: Literal["flags"]


class ReaperSource(OfQueue):
    kind: Literal["reaper"]


Source = Annotated[
    HttpSource | PostgresSource | S3Source | QueueSource | RunsSource | FlagsSource | ReaperSource,
    Field(discriminator="kind"),
]
