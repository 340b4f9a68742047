"""Fixed readings of buckets, MinIO, certificates, ports and Redis: of a healthy system and of a troubled one."""

from __future__ import annotations

from services.readings import (
    NO_DATA_YET,
    NOT_CONFIGURED,
    Arrival,
    AtLeast,
    BackupReport,
    BackupsValues,
    BucketValues,
    Certificate,
    Dump,
    Estimate,
    Fault,
    HealthCheck,
    HealthValues,
    MinioValues,
    RedisValues,
    Setting,
    TlsValues,
    Unknown,
    Values,
)
from tests.samples import NOW

REFUSED = Fault("unreachable", "10.0.0.9:443: connection refused", "nothing listens there: start the service")
HANGS = Fault("timeout", "http://10.0.0.1:9000/minio/v2/metrics/cluster: no complete answer within 3 s", "see below")
_GONE = Unknown("failed", REFUSED.message)
_HUNG = Unknown("failed", HANGS.message)
DENIED = "http://127.0.0.1:9000 bucket backups: reading lifecycle: 403 AccessDenied"


def dumps() -> BackupsValues:
    """A week of dumps: the newest with a manifest and tested, one that failed its test, one that is too small."""
    usual = 2_400_000
    dumps = (
        Dump("backups/mre-2026-11-21T020004Z.dump", usual + 30_000, NOW - 36_000, 1.01, True, "passed", NOW - 30_000),
        Dump("backups/mre-2026-11-20T020003Z.dump", usual + 20_000, NOW - 122_400, 1.01, True),
        Dump("backups/mre-2026-11-19T020003Z.dump", 900_000, NOW - 208_800, 0.38, True, "failed", NOW - 200_000),
        Dump("backups/mre-2026-11-18.dump", usual, NOW - 295_200, NO_DATA_YET),
    )
    name = "Restore test: backups/mre-2026-11-"
    well, lacking = "9 things looked at, all well", "public.jobs: 100 rows lack"
    reports = (
        BackupReport("restore-test", f"{name}21T020004Z.dump", NOW - 30_000, "mara", True, well, "report-2"),
        BackupReport("restore-test", f"{name}19T020003Z.dump", NOW - 200_000, "jo", False, lacking, "report-1"),
    )
    return BackupsValues(
        where="http://127.0.0.1:9000 bucket mre, backups/",
        dumps=dumps,
        count=4,
        newest_age_s=36_000.0,
        leftovers=1,
        tested_age_s=30_000.0,
        reports=reports,
        wal="00000001000000A200000041",
        wal_arrived=0,
    )


def bucket_healthy() -> BucketValues:
    return BucketValues(
        endpoint="http://127.0.0.1:9000",
        bucket="backups",
        settings=(
            Setting("versioning", "on"),
            Setting("encryption", "on", "aws:kms"),
            Setting("lifecycle", "on", "2 of 2 rules enabled"),
            Setting("replication", "on", "1 of 1 rules enabled to backups-dr"),
            Setting("object lock", "not configured"),
            Setting("public access block", "on"),
        ),
        leftovers=0,
        leftovers_age_s=0.0,
        arrivals=(
            Arrival("nightly", "pg/", 31, "pg/2025-12-31.dump", 36_000.0, 4_200_000_000, 1.01, 0, 0),
            Arrival(
                "wal",
                "wal/",
                Estimate(18_200),
                "wal/00000001000000A2000000F1",
                240.0,
                16_777_216,
                1.0,
                0,
                NOT_CONFIGURED,
            ),
        ),
    )


def bucket_troubled() -> BucketValues:
    none = Unknown("no data yet", "nothing is below wal/")
    return BucketValues(
        endpoint="http://127.0.0.1:9000",
        bucket="backups",
        settings=(
            Setting("versioning", "off", "suspended"),
            Setting("encryption", "not configured"),
            Setting("lifecycle", "not permitted", DENIED),
            Setting("replication", "not supported", "the store does not have it: 501 NotImplemented"),
            Setting(
                "object lock", "failed", "http://127.0.0.1:9000 bucket backups: reading object lock: 500 InternalError"
            ),
            Setting("public access block", "off", "without BlockPublicPolicy"),
        ),
        leftovers=AtLeast(1_000),
        leftovers_age_s=AtLeast(2_592_000),
        arrivals=(
            Arrival("nightly", "pg/", 31, "pg/2025-12-29.dump", 201_600.0, 40_000_000, 0.0095, 1, 1),
            Arrival("wal", "wal/", 0, "", none, none, none, 1, none),
        ),
    )


def minio_healthy() -> MinioValues:
    return MinioValues("http://10.0.0.1:9000", 1, 1, 1, 8e12, 3.1e12, 16, 0, 4, 0)


def minio_troubled() -> MinioValues:
    said = "the metrics hang: MinIO waits in them for a drive or a node that does not answer"
    return MinioValues("http://10.0.0.1:9000", 1, 1, 0, *(_HUNG,) * 6, said=said, fault=HANGS)


def tls_healthy() -> TlsValues:
    return TlsValues((_certificate("api.example.org:443", 61.2), _certificate("files.example.org:443", 34.0)))


def tls_troubled() -> TlsValues:
    return TlsValues(
        (
            _certificate("api.example.org:443", 12.4),
            _certificate("files.example.org:443", -2.1, "certificate has expired"),
            Certificate("10.0.0.9:443", _GONE, _GONE, Unknown("no data yet"), fault=REFUSED),
        )
    )


def _certificate(address: str, days: float, said: str = "") -> Certificate:
    subject = f"CN={address.rpartition(':')[0]}, O=Example"
    return Certificate(address, days, NOW + 86_400 * days, int(not said), subject, "CN=R11, O=Example Authority", said)


def tcp_healthy() -> HealthValues:
    return HealthValues("tcp", (HealthCheck("10.0.0.7:6379", True, None, 0.0007),))


def tcp_troubled() -> HealthValues:
    down = HealthCheck("10.0.0.9:443", False, None, None, fault=REFUSED)
    return HealthValues("tcp", (HealthCheck("10.0.0.7:6379", True, None, 0.0007), down))


def redis_healthy() -> RedisValues:
    return RedisValues(
        "10.0.0.7:6379",
        "7.0.15",
        "master",
        0.0006,
        0.0002,
        48_000_000,
        256_000_000,
        31,
        10_000,
        1,
        NOT_CONFIGURED,
        0,
        112,
    )


def redis_troubled() -> RedisValues:
    gone = Unknown("failed", "0 of 1 replicas are connected")
    return RedisValues(
        "10.0.0.7:6379",
        "7.0.15",
        "master",
        0.0011,
        0.31,
        251_000_000,
        256_000_000,
        9_870,
        10_000,
        0,
        NOT_CONFIGURED,
        gone,
        gone,
    )


HEALTHY: dict[str, Values] = {
    "backups": bucket_healthy(),
    "minio": minio_healthy(),
    "certificates": tls_healthy(),
    "ports": tcp_healthy(),
    "cache": redis_healthy(),
}
TROUBLED: dict[str, Values] = {
    "backups": bucket_troubled(),
    "minio": minio_troubled(),
    "certificates": tls_troubled(),
    "ports": tcp_troubled(),
    "cache": redis_troubled(),
}
