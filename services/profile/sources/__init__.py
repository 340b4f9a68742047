"""The tables under [sources]: what is asked, where and how often. One file per subject, and the union of all kinds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.profile.sources.http import HttpSource
from services.profile.sources.minio import MinioSource
from services.profile.sources.postgres import PostgresSource
from services.profile.sources.queue import FlagsSource, OfQueue, QueueSource, ReaperSource, RunsSource
from services.profile.sources.reach import RedisSource, TcpSource, TlsSource
from services.profile.sources.s3 import BucketSource, S3Source

Source = Annotated[
    HttpSource
    | PostgresSource
    | S3Source
    | BucketSource
    | MinioSource
    | QueueSource
    | RunsSource
    | FlagsSource
    | ReaperSource
    | TlsSource
    | TcpSource
    | RedisSource,
    Field(discriminator="kind"),
]

__all__ = [
    "BucketSource",
    "FlagsSource",
    "HttpSource",
    "MinioSource",
    "OfQueue",
    "PostgresSource",
    "QueueSource",
    "ReaperSource",
    "RedisSource",
    "RunsSource",
    "S3Source",
    "Source",
    "TcpSource",
    "TlsSource",
]
