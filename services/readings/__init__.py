"""The only shapes that cross from services to the screen: frozen readings, and the snapshot of the latest of each.

Units: seconds for durations, unix seconds (float) for points in time, shares between 0 and 1. Every string in here
has already been through `services.text`; nothing downstream needs to distrust it.

A module is imported when one of its shapes is first asked for: all of them take 75 ms, and the console paints before.
"""

from typing import TYPE_CHECKING

from services.lazy import attributes

if TYPE_CHECKING:
    from services.readings.alertmanager import AlertmanagerValues, HeldAlert, HeldSilence
    from services.readings.audit import AuditEntry, AuditValues
    from services.readings.backups import BackupReport, BackupsValues, Dump
    from services.readings.bucket import Arrival, BucketValues, Setting
    from services.readings.elevations import Elevation, ElevationsValues, RestrictedRead
    from services.readings.fault import Fault, FaultKind
    from services.readings.figure import (
        NO_DATA_YET,
        NOT_CONFIGURED,
        NOT_RECORDED,
        RESTRICTED,
        AtLeast,
        Estimate,
        Figure,
        Unknown,
        Why,
        number,
    )
    from services.readings.flags import Flag, FlagsValues, ReaperRun, ReaperValues
    from services.readings.health import HealthCheck, HealthValues
    from services.readings.jobs import Attempt, JobCursor, JobDetail, JobPage, JobRow
    from services.readings.logs import LogLine, LogsValues
    from services.readings.metrics import EndpointFigures, EndpointsFigures, MetricFamily, MetricSample, MetricsValues
    from services.readings.minio import MinioValues
    from services.readings.named import NamedFigure, NamedValues
    from services.readings.pools import PooledDatabase, PoolFigures, PoolsValues
    from services.readings.postgres import DatabaseCounters, PostgresValues, Prepared
    from services.readings.promql import PrometheusAlert, PromqlValues
    from services.readings.queue import FailureGroup, QueueValues, StaleLock, TypeFigures, Worker
    from services.readings.redis import RedisValues
    from services.readings.replication import Archiver, Receiver, Replication, Slot, Standby
    from services.readings.runs import Ending, Run, RunsValues, UsableTime
    from services.readings.sessions import Blocking, Session, SessionGroup
    from services.readings.snapshot import Dated, Reading, Snapshot, SourceState, Status
    from services.readings.statements import StatementFigures, StatementsValues
    from services.readings.storage import StorageValues
    from services.readings.tables import DatabaseSize, TableFigures, TablesValues
    from services.readings.tls import Certificate, TlsValues
    from services.readings.units import Timer, Unit, UnitsValues
    from services.readings.values import Values

_MODULES = {
    "alertmanager": (
        "AlertmanagerValues",
        "HeldAlert",
        "HeldSilence",
    ),
    "audit": (
        "AuditEntry",
        "AuditValues",
    ),
    "backups": ("BackupReport", "BackupsValues", "Dump"),
    "bucket": (
        "Arrival",
        "BucketValues",
        "Setting",
    ),
    "elevations": ("Elevation", "ElevationsValues", "RestrictedRead"),
    "fault": (
        "Fault",
        "FaultKind",
    ),
    "figure": (
        "NO_DATA_YET",
        "NOT_CONFIGURED",
        "NOT_RECORDED",
        "RESTRICTED",
        "AtLeast",
        "Estimate",
        "Figure",
        "Unknown",
        "Why",
        "number",
    ),
    "flags": (
        "Flag",
        "FlagsValues",
        "ReaperRun",
        "ReaperValues",
    ),
    "health": (
        "HealthCheck",
        "HealthValues",
    ),
    "jobs": (
        "Attempt",
        "JobCursor",
        "JobDetail",
        "JobPage",
        "JobRow",
    ),
    "logs": (
        "LogLine",
        "LogsValues",
    ),
    "metrics": (
        "EndpointFigures",
        "EndpointsFigures",
        "MetricFamily",
        "MetricSample",
        "MetricsValues",
    ),
    "minio": ("MinioValues",),
    "named": (
        "NamedFigure",
        "NamedValues",
    ),
    "pools": (
        "PooledDatabase",
        "PoolFigures",
        "PoolsValues",
    ),
    "postgres": (
        "DatabaseCounters",
        "PostgresValues",
        "Prepared",
    ),
    "promql": (
        "PrometheusAlert",
        "PromqlValues",
    ),
    "queue": (
        "FailureGroup",
        "QueueValues",
        "StaleLock",
        "TypeFigures",
        "Worker",
    ),
    "redis": ("RedisValues",),
    "replication": (
        "Archiver",
        "Receiver",
        "Replication",
        "Slot",
        "Standby",
    ),
    "runs": (
        "Ending",
        "Run",
        "RunsValues",
        "UsableTime",
    ),
    "sessions": (
        "Blocking",
        "Session",
        "SessionGroup",
    ),
    "snapshot": (
        "Dated",
        "Reading",
        "Snapshot",
        "SourceState",
        "Status",
    ),
    "statements": (
        "StatementFigures",
        "StatementsValues",
    ),
    "storage": ("StorageValues",),
    "tables": (
        "DatabaseSize",
        "TableFigures",
        "TablesValues",
    ),
    "tls": (
        "Certificate",
        "TlsValues",
    ),
    "units": (
        "Timer",
        "Unit",
        "UnitsValues",
    ),
    "values": ("Values",),
}
__getattr__ = attributes(__name__, _MODULES)

__all__ = [
    "NOT_CONFIGURED",
    "NOT_RECORDED",
    "NO_DATA_YET",
    "RESTRICTED",
    "AlertmanagerValues",
    "Archiver",
    "Arrival",
    "AtLeast",
    "Attempt",
    "AuditEntry",
    "AuditValues",
    "BackupReport",
    "BackupsValues",
    "Blocking",
    "BucketValues",
    "Certificate",
    "DatabaseCounters",
    "DatabaseSize",
    "Dated",
    "Dump",
    "Elevation",
    "ElevationsValues",
    "Ending",
    "EndpointFigures",
    "EndpointsFigures",
    "Estimate",
    "FailureGroup",
    "Fault",
    "FaultKind",
    "Figure",
    "Flag",
    "FlagsValues",
    "HealthCheck",
    "HealthValues",
    "HeldAlert",
    "HeldSilence",
    "JobCursor",
    "JobDetail",
    "JobPage",
    "JobRow",
    "LogLine",
    "LogsValues",
    "MetricFamily",
    "MetricSample",
    "MetricsValues",
    "MinioValues",
    "NamedFigure",
    "NamedValues",
    "PoolFigures",
    "PooledDatabase",
    "PoolsValues",
    "PostgresValues",
    "Prepared",
    "PrometheusAlert",
    "PromqlValues",
    "QueueValues",
    "Reading",
    "ReaperRun",
    "ReaperValues",
    "Receiver",
    "RedisValues",
    "Replication",
    "RestrictedRead",
    "Run",
    "RunsValues",
    "Session",
    "SessionGroup",
    "Setting",
    "Slot",
    "Snapshot",
    "SourceState",
    "StaleLock",
    "Standby",
    "StatementFigures",
    "StatementsValues",
    "Status",
    "StorageValues",
    "TableFigures",
    "TablesValues",
    "Timer",
    "TlsValues",
    "TypeFigures",
    "Unit",
    "UnitsValues",
    "Unknown",
    "UsableTime",
    "Values",
    "Why",
    "Worker",
    "number",
]
