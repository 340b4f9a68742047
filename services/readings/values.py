"""What sources report: one shape for each kind of source, or for several."""

from __future__ import annotations

from typing import TypeAlias

from services.readings.alertmanager import AlertmanagerValues
from services.readings.audit import AuditValues
from services.readings.backups import BackupsValues
from services.readings.bucket import BucketValues
from services.readings.elevations import ElevationsValues
from services.readings.flags import FlagsValues, ReaperValues
from services.readings.health import HealthValues
from services.readings.logs import LogsValues
from services.readings.metrics import MetricsValues
from services.readings.minio import MinioValues
from services.readings.named import NamedValues
from services.readings.pools import PoolsValues
from services.readings.postgres import PostgresValues
from services.readings.queue import QueueValues
from services.readings.redis import RedisValues
from services.readings.runs import RunsValues
from services.readings.statements import StatementsValues
from services.readings.storage import StorageValues
from services.readings.tables import TablesValues
from services.readings.tls import TlsValues
from services.readings.units import UnitsValues

Values: TypeAlias = (
    HealthValues
    | PostgresValues
    | StatementsValues
    | TablesValues
    | PoolsValues
    | QueueValues
    | RunsValues
    | FlagsValues
    | ReaperValues
    | StorageValues
    | BucketValues
    | BackupsValues
    | MetricsValues
    | MinioValues
    | TlsValues
    | RedisValues
    | AuditValues
    | ElevationsValues
    | AlertmanagerValues
    | NamedValues
    | UnitsValues
    | LogsValues
)
