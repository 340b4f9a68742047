"""The tables under [sources]: what is asked, where and how often. One file per subject, and the union of all kinds."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.profile.sources.alertmanager import AlertmanagerSource
from services.profile.sources.backups import BackupsSource
from services.profile.sources.clocks import ClocksSource
from services.profile.sources.command import CommandSource
from services.profile.sources.database import (
    OfDatabase,
    PgbouncerSource,
    SqlSource,
    StatementsSource,
    TablesSource,
)
from services.profile.sources.due import DueSource
from services.profile.sources.host import DiskSource, FilesSource, HostSource, Quota
from services.profile.sources.http import HttpSource
from services.profile.sources.metrics import EndpointMetrics, Items, JsonSource, PrometheusSource, PromqlSource
from services.profile.sources.minio import MinioSource
from services.profile.sources.postgres import PostgresSource
from services.profile.sources.queue import FlagsSource, OfQueue, QueueSource, ReaperSource, RunsSource
from services.profile.sources.reach import RedisSource, TcpSource, TlsSource
from services.profile.sources.s3 import BucketSource, S3Source
from services.profile.sources.systemd import LogsSource, SystemdSource

Source = Annotated[
    HttpSource
    | PrometheusSource
    | PromqlSource
    | JsonSource
    | AlertmanagerSource
    | PostgresSource
    | StatementsSource
    | TablesSource
    | SqlSource
    | PgbouncerSource
    | S3Source
    | BucketSource
    | MinioSource
    | QueueSource
    | RunsSource
    | FlagsSource
    | ReaperSource
    | TlsSource
    | TcpSource
    | RedisSource
    | ClocksSource
    | CommandSource
    | SystemdSource
    | LogsSource
    | FilesSource
    | DiskSource
    | HostSource
    | BackupsSource
    | DueSource,
    Field(discriminator="kind"),
]

__all__ = [
    "AlertmanagerSource",
    "BackupsSource",
    "BucketSource",
    "ClocksSource",
    "CommandSource",
    "DiskSource",
    "DueSource",
    "EndpointMetrics",
    "FilesSource",
    "FlagsSource",
    "HostSource",
    "HttpSource",
    "Items",
    "JsonSource",
    "LogsSource",
    "MinioSource",
    "OfDatabase",
    "OfQueue",
    "PgbouncerSource",
    "PostgresSource",
    "PrometheusSource",
    "PromqlSource",
    "QueueSource",
    "Quota",
    "ReaperSource",
    "RedisSource",
    "RunsSource",
    "S3Source",
    "Source",
    "SqlSource",
    "StatementsSource",
    "SystemdSource",
    "TablesSource",
    "TcpSource",
    "TlsSource",
]
