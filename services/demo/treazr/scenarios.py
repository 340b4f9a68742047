"""What goes wrong with the platform, and what of the profile's actions puts it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.demo.link import Link
from services.demo.scenario import Scenario
from services.demo.treazr.api import BAD_RELEASE
from services.demo.treazr.edge import Edge
from services.demo.treazr.idlers import Idlers
from services.demo.treazr.kubernetes import Kubernetes
from services.demo.treazr.minio import Minio
from services.demo.treazr.queue import Import, put
from services.demo.treazr.replica import Replica

AT_ONCE = 160  # thumbnails
CALM = 100  # waiting jobs, more of which are a flood
BROKEN_NODE = "minio-2"
CORDONED, PRESSED = "node-3", "node-2"
EXPIRES_IN_DAYS = 12.0
GOOD_DAYS = 21.0

_WAITING = "SELECT count(*) AS jobs FROM background_jobs WHERE state IN ('queued', 'retry') AND due_at <= now()"


@dataclass(frozen=True)
class Means:
    link: Link
    kubernetes: Kubernetes
    minio: Minio
    edge: Edge
    replica: Replica
    idlers: Idlers
    imports: Import


def _few_wait(means: Means) -> bool:
    [row] = means.link.rows(_WAITING)
    return int(row["jobs"]) <= CALM


def _begin_import(means: Means) -> None:
    put(means.link, "thumbnail", AT_ONCE)
    means.imports.going = True


def _end_import(means: Means) -> None:
    means.imports.going = False


def _cancel_import(means: Means) -> None:
    _end_import(means)
    means.link.rows(
        "UPDATE background_jobs SET state = 'cancelled', ended_at = now() WHERE state = 'queued' AND kind = 'thumbnail'"
    )


SCENARIOS: Mapping[str, Scenario[Means]] = MappingProxyType(
    {
        "queue-flood": Scenario(
            title="A gallery import floods the queue",
            tells=frozenset(("queue-depth",)),
            help="More thumbnails are wanted than two workers make. Scale them (scale-workers, 8 say).",
            start=_begin_import,
            repaired=_few_wait,
            repair=_cancel_import,
            end=_end_import,
        ),
        "api-errors": Scenario(
            title="A release of the API fails",
            tells=frozenset(("api-5xx-ratio",)),
            help=f"{BAD_RELEASE} went live: a quarter of its answers are errors. Roll it back (roll-back-api).",
            start=lambda means: means.kubernetes.roll_out("api", BAD_RELEASE),
            repaired=lambda means: means.kubernetes.release("api") != BAD_RELEASE,
            repair=lambda means: means.kubernetes.undo("api"),
        ),
        "unschedulable-pods": Scenario(
            title="Pods find no node",
            tells=frozenset(("unschedulable-pods",)),
            help=f"{CORDONED} was cordoned for work that is long over, and what is left is too small. Uncordon it"
            f" (uncordon-node {CORDONED}).",
            start=lambda means: means.kubernetes.cordon(CORDONED, True),
            repaired=lambda means: not means.kubernetes.nodes[CORDONED].cordoned,
            repair=lambda means: means.kubernetes.cordon(CORDONED, False),
        ),
        "node-pressure": Scenario(
            title="A node runs short of memory",
            help=f"Something leaks on {PRESSED}. Move its pods off it (drain-node {PRESSED}); let it take pods again"
            " once it has been looked at.",
            start=lambda means: means.kubernetes.press(PRESSED, True),
            repaired=lambda means: not means.kubernetes.nodes[PRESSED].pressed,
            repair=lambda means: means.kubernetes.press(PRESSED, False),
            end=lambda means: means.kubernetes.cordon(PRESSED, False),  # somebody found it and let it in again
        ),
        "storage-node-down": Scenario(
            title="A storage node is away",
            tells=frozenset(("storage-node-health",)),
            help=f"{BROKEN_NODE} hangs. Restart it (restart-node {BROKEN_NODE}), and no other.",
            start=lambda means: means.minio.offline.add(BROKEN_NODE),
            repaired=lambda means: not means.minio.offline,
            repair=lambda means: means.minio.offline.clear(),
        ),
        "replica-lag": Scenario(
            title="The replica does not replay",
            help="Its replay was paused for a report, and nobody let it go on. Restart it (restart-replica).",
            start=lambda means: means.replica.pause(),
            repaired=lambda means: not means.replica.paused,
            repair=lambda means: means.replica.restart(),
        ),
        "idle-connections": Scenario(
            title="A service keeps its connections",
            tells=frozenset(("db-connections",)),
            help="treazr-reports opens one connection after the other and closes none: over 80 % are taken, idle. End"
            " them (kill-idle-connections).",
            start=lambda means: means.idlers.open(),
            repaired=lambda means: means.idlers.ended,
            repair=lambda means: means.idlers.close(),
            end=lambda means: means.idlers.close(),
        ),
        "certificate-expiring": Scenario(
            title="A certificate was not renewed",
            tells=frozenset(("tls-expiry",)),
            help=f"Renewal failed, and {EXPIRES_IN_DAYS:.0f} days are left. Renew it (renew-certificate edge-tls).",
            start=lambda means: means.edge.renew(EXPIRES_IN_DAYS),
            repaired=lambda means: means.edge.days >= GOOD_DAYS,
            repair=lambda means: means.edge.renew(),
        ),
    }
)
