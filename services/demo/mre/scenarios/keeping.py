"""What goes wrong below: the database, its disk, the backups."""

from __future__ import annotations

from services.demo.mre.scenarios.means import Means
from services.demo.scenario import Scenario

REPORTS = 4
LEAKED = 40
GARBAGE_ROWS = 80_000  # of 2 KB each: from under 70 % of the declared capacity to over 80 %

LEFT_BYTES = 8_000_000  # of the table, once it was vacuumed

# What is deleted stays on the disk until somebody vacuums, and nobody does.
_GARBAGE = (
    "CREATE UNLOGGED TABLE import_staging (line text STORAGE PLAIN) WITH (autovacuum_enabled = false)",
    "INSERT INTO import_staging SELECT repeat(md5(i::text), 60) FROM generate_series(1, %(rows)s) i",
    "DELETE FROM import_staging",
)


def _vacuumed(means: Means) -> bool:
    [row] = means.link.rows("SELECT coalesce(pg_relation_size(to_regclass('import_staging')), 0) AS bytes")
    return int(row["bytes"]) < LEFT_BYTES


def _leak_noticed(means: Means) -> bool:
    [row] = means.link.rows("SELECT count(*) AS held FROM pg_stat_activity WHERE application_name = 'mre-import'")
    return int(row["held"]) < LEAKED


def _end_reports(means: Means) -> None:
    means.clients.end_reports()
    _done(means, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'mre-report'")


def _done(means: Means, *sql: str, **params: object) -> None:
    means.link.rows(*sql, **params)


KEEPING: dict[str, Scenario[Means]] = {
    "slow-queries": Scenario(
        title="Reports that do not end",
        help=f"{REPORTS} reports run one slow query after the other. Terminate their sessions (T), or cancel what they"
        " run: each gives up.",
        start=lambda means: means.clients.report(REPORTS),
        repaired=lambda means: means.clients.reports == 0,
        repair=_end_reports,
    ),
    "db-pool": Scenario(
        title="A service leaks connections",
        help=f"mre-import holds {LEAKED} connections idle in a transaction. Terminate one of its sessions (T): it"
        " notices, and closes the others.",
        start=lambda means: means.clients.leak(LEAKED),
        repaired=_leak_noticed,
        repair=lambda means: means.clients.close_leaked(),
        end=lambda means: means.clients.close_leaked(),
    ),
    "disk": Scenario(
        title="The disk fills with what was deleted",
        help="An import deleted what it had staged, and autovacuum is off for its table: over 80 % of the declared"
        " capacity is used. VACUUM import_staging.",
        start=lambda means: _done(means, *_GARBAGE, rows=GARBAGE_ROWS),
        repaired=_vacuumed,
        repair=lambda means: _done(means, "TRUNCATE import_staging"),
        end=lambda means: _done(means, "DROP TABLE IF EXISTS import_staging"),
    ),
    "backup-overdue": Scenario(
        title="No backup since the day before yesterday",
        help="The two newest dumps are not in the bucket: the backup job has not run. Back up now (backup-now), and"
        " test that it restores (restore-test).",
        start=lambda means: means.nightly.lose(2),
        repaired=lambda means: means.nightly.fresh(2),
        repair=lambda means: means.nightly.run(),
    ),
}
