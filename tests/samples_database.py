"""Fixed readings of a database: the server, its statements, its tables and its pooler, healthy and troubled."""

from __future__ import annotations

from services.readings import (
    Archiver,
    AtLeast,
    Blocking,
    DatabaseCounters,
    DatabaseSize,
    Estimate,
    PooledDatabase,
    PoolFigures,
    PoolsValues,
    PostgresValues,
    Prepared,
    Receiver,
    Replication,
    Session,
    SessionGroup,
    Slot,
    Standby,
    StatementFigures,
    StatementsValues,
    TableFigures,
    TablesValues,
    Unknown,
)
from tests.moment import NOW

DENIED = Unknown("not permitted", "needs pg_read_all_stats")


# ---- the server


def session(pid: int, state: str = "active", **changes: object) -> Session:
    plain: dict[str, object] = {
        "pid": pid,
        "backend_start": NOW - 3_600.0 - pid,
        "state": state,
        "user": "mre",
        "database": "mre",
        "application": "mre-worker",
        "client": "10.0.0.7",
        "wait": "Client: ClientRead" if state == "idle" else "",
        "query_s": 2.5,
        "transaction_s": None if state == "idle" else 2.6,
        "state_s": 2.5,
        "query": "UPDATE jobs SET state = ? WHERE id = ?",
    }
    return Session(**{**plain, **changes})  # type: ignore[arg-type]


def standby(name: str = "mre-b", **changes: object) -> Standby:
    plain: dict[str, object] = {
        "pid": 4_011,
        "name": name,
        "client": "10.0.0.12",
        "state": "streaming",
        "sync": "async",
        "lag_s": 0.004,
        "lag_bytes": 8_192,
        "reply_age_s": 0.3,
    }
    return Standby(**{**plain, **changes})  # type: ignore[arg-type]


def postgres(used: int = 22, **changes: object) -> PostgresValues:
    plain: dict[str, object] = {
        "host": "127.0.0.1:5432/mre",
        "user": "deck",
        "version": "18.6",
        "system_identifier": "7575123456789012345",
        "in_recovery": False,
        "started_at": NOW - 864_000,
        "clock_skew_s": 0.02,
        "used": used,
        "active": 5,
        "idle_in_transaction": 0,
        "lock_waiting": 0,
        "max_connections": 100,
        "size_bytes": 12_400_000_000,
        "roles": ("watchdeck_operator",),
        "ledger": True,
        **_activity(used),
        **_behind(),
        **_counted(),
    }
    return PostgresValues(**{**plain, **changes})  # type: ignore[arg-type]


def _activity(used: int) -> dict[str, object]:
    sessions = (session(4_101), session(4_102, wait="IO: DataFileRead"), session(4_103, "idle", state_s=90.0))
    return {
        "idle": used - 5,
        "oldest_idle_tx_s": 0.0,
        "oldest_tx_s": 2.6,
        "xmin_age": 120,
        "long_count": 0,
        "blocked": 0,
        "sessions": sessions,
        "groups": (
            SessionGroup("mre", "mre", "mre-worker", "idle", used - 5, 210.0),
            SessionGroup("mre", "mre", "mre-api", "active", 5, 2.5),
        ),
        "blocking": (),
        "prepared": (),
        "oldest_prepared_s": 0.0,
    }


def _behind() -> dict[str, object]:
    slot = Slot("mre_b", "physical", True, "reserved", 8_192.0, Unknown("not configured", "no limit"))
    return {
        "replication": Replication(
            "primary",
            0.004,
            8_192,
            streaming=1,
            missing=0,
            standbys=(standby(),),
            slots=(slot,),
            retained_bytes=8_192.0,
        ),
        "archiver": Archiver("on", False, 21.0, Unknown("no data yet"), 0, "00000001000000A300000041"),
    }


def _counted() -> dict[str, object]:
    return {
        "databases": (DatabaseCounters("mre", 22, 3, 12, 84_000_000, 41_000_000, 12, NOW - 864_000),),
        "deadlocks": 3,
        "temp_bytes": 84_000_000,
        "xid_age": 41_000_000,
        "transactions_per_s": 212.0,
        "cache_hit_share": 0.994,
    }


def postgres_troubled() -> PostgresValues:
    gone = Unknown("failed", "1 standbys missing: how far behind is not known")
    return postgres(
        91,
        active=DENIED,
        idle_in_transaction=14,
        lock_waiting=6,
        clock_skew_s=3.4,
        ledger=False,
        oldest_idle_tx_s=1_260.0,
        oldest_tx_s=1_262.0,
        long_count=2,
        blocked=3,
        sessions=(*(line.session for line in blocking()), session(4103, "idle", state_s=5400.0)),
        blocking=blocking(),
        replication=Replication("primary", gone, gone, 0, missing=1, standbys=(), retained_bytes=0.0),
        archiver=Archiver("on", True, 5_400.0, 12.0, 34, "00000001000000A300000041", "00000001000000A300000042"),
        prepared=(Prepared("import-7", "mre", "mre", 7_300.0),),
        oldest_prepared_s=7_300.0,
    )


def blocking() -> tuple[Blocking, ...]:
    """One who went to lunch in a transaction, who waits for them, and who waits for that one."""
    holder = session(4_201, "idle in transaction", application="psql", user="ada", client="10.0.0.3", state_s=1_260.0)
    first = session(4_202, wait="Lock: transactionid", query_s=1_100.0, long=True)
    second = session(4_203, wait="Lock: tuple", query_s=40.0, long=True)
    migration = session(4_204, wait="Lock: relation", query_s=12.0, query="ALTER TABLE jobs ADD COLUMN note text")
    return (
        Blocking(4_201, 0, holder, None, ""),
        Blocking(4_201, 1, first, 1_100.0, "ShareLock on transactionid"),
        Blocking(4_201, 2, second, 40.0, "ExclusiveLock on jobs"),
        Blocking(4_201, 1, migration, 12.0, "AccessExclusiveLock on jobs"),
    )


def postgres_standby(paused: bool = False) -> PostgresValues:
    receiver = Receiver("streaming", "10.0.0.11:5432", 0.4, paused, 61.0 if paused else 0.5)
    return postgres(
        4,
        in_recovery=True,
        replication=Replication(
            "standby", 61.0 if paused else 0.0, 4_100_000 if paused else 0, 1, missing=0, standbys=(), receiver=receiver
        ),
        archiver=Archiver("off", *[Unknown("not configured", "archive_mode is off")] * 4),  # type: ignore[arg-type]
    )


# ---- its statements


def statements() -> StatementsValues:
    return StatementsValues(
        window_s=900.0,
        covered_s=900.0,
        slow_s=0.5,
        top=(
            StatementFigures("901", "UPDATE jobs SET state = $1 WHERE id = $2", 41_200, 96.4, 0.00234, 41_200, 0.62),
            StatementFigures(
                "902", "SELECT count(*) FROM sessions WHERE owner_user_id = $1", 31, 38.1, 1.229, 31, 0.25
            ),
            StatementFigures("903", "INSERT INTO job_attempts VALUES ($1, $2, $3)", 9_800, 20.2, 0.00206, 9_800, 0.13),
        ),
        slow_count=Estimate(31),
        slow_per_minute=Estimate(2.07),
        calls_per_s=56.7,
        mean_s=0.00303,
        time_share=0.172,
    )


def statements_missing() -> StatementsValues:
    why = Unknown("not configured", "CREATE EXTENSION pg_stat_statements in mre")
    return StatementsValues(900.0, 0.0, 0.5, why, why, why, why, why, why)


# ---- its tables


def table(name: str, total: float, **changes: object) -> TableFigures:
    plain: dict[str, object] = {
        "name": name,
        "total_bytes": total,
        "table_bytes": 0.7 * total,
        "index_bytes": 0.3 * total,
        "rows": Estimate(total / 400),
        "dead": int(total / 80_000),
        "dead_share": 0.005,
        "bloat_bytes": Estimate(0.06 * total),
        "vacuum_due": 0.12,
        "analyze_due": 0.2,
        "last_vacuum_at": NOW - 7_200.0,
        "last_analyze_at": NOW - 3_600.0,
        "xid_age": 41_000_000,
    }
    return TableFigures(**{**plain, **changes})  # type: ignore[arg-type]


def tables() -> TablesValues:
    return TablesValues(
        database="mre",
        size_bytes=12.4e9,
        total_bytes=13.1e9,
        capacity_bytes=40_000_000_000,
        used_share=0.3275,
        databases=(DatabaseSize("mre", 12.4e9), DatabaseSize("postgres", 0.7e9)),
        tables=(table("public.jobs", 6.1e9), table("public.job_attempts", 4.4e9), table('public."Audit"', 0.9e9)),
        table_count=31,
        vacuum_needed=0,
        analyze_needed=0,
        dead=143_000,
        xid_age=41_000_000,
    )


def tables_troubled() -> TablesValues:
    hidden = Unknown("not permitted", "pg_stats does not show all of its columns to us")
    jobs = table("public.jobs", 30.2e9, dead=9_100_000, dead_share=0.31, vacuum_due=1.8, bloat_bytes=Estimate(11.0e9))
    audit = table('public."Audit"', 0.9e9, bloat_bytes=hidden, last_vacuum_at=None, vacuum_due=None, analyze_due=None)
    return TablesValues(
        database="mre",
        size_bytes=33.8e9,
        total_bytes=AtLeast(33_800_000_000),
        capacity_bytes=40_000_000_000,
        used_share=Unknown("not permitted", "the size of other databases is hidden"),
        databases=(DatabaseSize("mre", 33.8e9), DatabaseSize("billing", hidden)),
        tables=(jobs, audit),
        table_count=31,
        vacuum_needed=1,
        analyze_needed=2,
        dead=9_143_000,
        xid_age=41_000_000,
    )


# ---- its pooler


def pool(user: str = "mre", **changes: object) -> PoolFigures:
    plain: dict[str, object] = {
        "name": f"mre/{user}",
        "database": "mre",
        "user": user,
        "mode": "transaction",
        "maxwait_s": 0.0,
        "clients_active": 41,
        "clients_waiting": 0,
        "servers_active": 6,
        "servers_idle": 8,
        "servers_login": 0,
        "size": 20,
    }
    return PoolFigures(**{**plain, **changes})  # type: ignore[arg-type]


def pools() -> PoolsValues:
    return PoolsValues(
        host="127.0.0.1:6432",
        version="1.18.0",
        pools=(pool(), pool("reports", clients_active=2, servers_active=1, servers_idle=1)),
        databases=(
            PooledDatabase("mre", "127.0.0.1:5432/mre", 16, Unknown("not configured", "no limit"), False, False),
        ),
        clients=43,
        max_clients=200,
        waiting=0,
        maxwait_s=0.0,
        saturation=0.3,
        paused=0,
        queries_per_s=310.0,
        query_s=0.0031,
        wait_s=0.0001,
    )


def pools_troubled() -> PoolsValues:
    full = pool(clients_active=20, clients_waiting=57, servers_active=20, servers_idle=0, maxwait_s=8.4)
    paused = PooledDatabase("billing", "127.0.0.1:5432/billing", 0, 40, True, False)
    return PoolsValues(
        host="127.0.0.1:6432",
        version="1.18.0",
        pools=(full,),
        databases=(paused,),
        clients=77,
        max_clients=80,
        waiting=57,
        maxwait_s=8.4,
        saturation=1.0,
        paused=1,
        queries_per_s=22.0,
        query_s=0.9,
        wait_s=6.1,
    )
