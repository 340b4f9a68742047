"""What goes wrong in the demo of analytics-etl, and by what it is repaired."""

from __future__ import annotations

from dataclasses import dataclass

from services.demo.analytics.home import BAD, BAD_EVERY, Home
from services.demo.analytics.processes import Process
from services.demo.analytics.units import Units
from services.demo.link import Link
from services.demo.scenario import Scenario
from services.errors import WatchdeckError

STUCK_OLD, STUCK_YOUNG = 9, 4  # jobs of 3 hours ago, and of 80 minutes ago


@dataclass(frozen=True)
class Means:
    home: Home
    units: Units
    web: Process
    orchestrator: Process
    link: Link


def _kill(process: Process) -> None:
    if process.child:
        process.child.kill()


def _restart(means: Means, unit: str) -> None:
    if said := means.units.do("restart", unit):
        raise WatchdeckError(said)


def _stuck(means: Means) -> None:
    """The orchestrator died over its jobs."""
    _kill(means.orchestrator)
    means.link.rows(
        """INSERT INTO jobs (engine, status, created_at)
           SELECT 'forecast', 'processing', now() - interval '1 minute' * CASE WHEN n <= %(old)s THEN 180 ELSE 80 END
             FROM generate_series(1, %(all)s) AS n RETURNING id""",
        old=STUCK_OLD,
        all=STUCK_OLD + STUCK_YOUNG,
    )


_STUCK = "status = 'processing' AND created_at < now() - interval '1 hour'"


def _are_stuck(means: Means) -> bool:
    return bool(means.link.rows(f"SELECT 1 FROM jobs WHERE {_STUCK} LIMIT 1"))


def _unstick(means: Means) -> None:
    _restart(means, "app-orchestrator")
    means.link.rows(f"UPDATE jobs SET status = 'failed' WHERE {_STUCK} RETURNING id")


def _deploy_bad(means: Means) -> None:
    means.home.release(BAD, BAD_EVERY)
    means.home.run("deploy.sh")


def _clean(means: Means) -> None:
    for path in means.home.flooded:
        path.unlink(missing_ok=True)


SCENARIOS: dict[str, Scenario[Means]] = {
    "unit-down": Scenario(
        title="The web application dies",
        tells=frozenset(("unit-down", "availability")),
        help="app-web is killed, nginx answers 502. Read its last lines (`:journal`), then restart it (U on its row"
        " in `:services`).",
        start=lambda means: _kill(means.web),
        repaired=lambda means: means.units.is_active("app-web"),
        repair=lambda means: _restart(means, "app-web"),
    ),
    "stuck-jobs": Scenario(
        title="The orchestrator dies over its jobs",
        help=f"{STUCK_OLD} jobs have been processing for three hours, {STUCK_YOUNG} for 80 minutes. Restart"
        " app-orchestrator: it takes up the younger ones. Reset the older ones (J).",
        start=_stuck,
        repaired=lambda means: not _are_stuck(means) and means.units.is_active("app-orchestrator"),
        repair=_unstick,
    ),
    "disk-filling": Scenario(
        title="Logs fill their folder",
        help="Somebody left debugging on: logs that are older than a week fill what logs may hold. List and delete"
        " them (L).",
        start=lambda means: means.home.flood(),
        repaired=lambda means: not means.home.flooded,
        repair=_clean,
    ),
    "bad-deploy": Scenario(
        title="A release that fails",
        tells=frozenset(("error-rate",)),
        help=f"{BAD} was deployed; its tests passed, and one report in five fails. Roll back (B), or to a release of"
        " the list.",
        start=_deploy_bad,
        repaired=lambda means: means.home.live != BAD,
        repair=lambda means: means.home.run("rollback.sh"),
    ),
    "backup-missed": Scenario(
        title="Two nights without a backup",
        help="The newest dump is older than 26 hours. Back up now, and verify it by restoring it.",
        start=lambda means: means.home.miss_backups(),
        repaired=lambda means: means.home.newest_dump_s < 3600,
        repair=lambda means: means.home.run("backup.sh"),
    ),
}
