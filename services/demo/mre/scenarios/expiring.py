"""What goes wrong with what should be gone: retention stands still, and a person waits for a deletion."""

from __future__ import annotations

from services.demo.mre.ingest import upload
from services.demo.mre.reaper import RETENTION_BROKEN, fail_retention, reap_expired
from services.demo.mre.scenarios.means import Means, clear, mark
from services.demo.scenario import Scenario

PILED_UP = 300  # raw artifacts that have expired since
REQUESTS = 2

_LATE = """
WITH events AS (UPDATE audit_events SET at = at - interval '30 hours' WHERE kind = 'retention.completed')
UPDATE reaper_runs SET started_at = started_at - interval '30 hours', finished_at = finished_at - interval '30 hours'
 WHERE kind = 'retention' AND error = ''
"""
_EXPIRED = """
INSERT INTO artifacts (session_id, owner_user_id, object_key, bytes, created_at, expires_at)
SELECT 0, 1 + i %% 400, 'raw/late-' || i || '-' || extract(epoch FROM now())::bigint || '.gpx', 1200,
       now() - interval '40 hours', now() - i * interval '6 minutes'
  FROM generate_series(1, %(many)s) i RETURNING object_key
"""
_COMPLETED = "SELECT 1 FROM audit_events WHERE kind = 'retention.completed' AND at > now() - interval '1 day' LIMIT 1"
_REQUESTED = """
INSERT INTO deletion_requests (session_id, owner_user_id, requested_at)
SELECT r.session_id, min(r.owner_user_id), now() - interval '30 hours'
  FROM processing_runs r JOIN datasets d ON d.run_id = r.id WHERE r.status IN ('succeeded', 'partial')
 GROUP BY r.session_id ORDER BY r.session_id DESC LIMIT %(many)s RETURNING id
"""
_ONE = """
INSERT INTO deletion_requests (session_id, owner_user_id, requested_at)
SELECT id, owner_user_id, now() - interval '30 hours' FROM sessions WHERE id = %(session)s
"""
_WAITING = "SELECT 1 FROM deletion_requests WHERE state = 'requested' LIMIT 1"


def _stall(means: Means) -> None:
    mark(means, RETENTION_BROKEN)
    means.link.rows(_LATE)
    for row in means.link.rows(_EXPIRED, many=PILED_UP):
        means.objects.put(row["object_key"], b"\0" * 1200)
    fail_retention(means.link)  # so that the list says at once why


def _restart(means: Means) -> None:
    clear(means, RETENTION_BROKEN)
    reap_expired(means.link, means.objects)


def _ask(means: Means) -> None:
    """Of sessions whose work is done; a demo that has only begun has none, and gets one."""
    if not means.link.rows(_REQUESTED, many=REQUESTS):
        means.link.rows(_ONE, session=upload(means.link, means.objects))


def _withdraw(means: Means) -> None:
    means.link.rows("DELETE FROM deletion_requests WHERE state = 'requested'")


EXPIRING: dict[str, Scenario[Means]] = {
    "retention-stalled": Scenario(
        title="Retention stands still",
        help=f"The retention reaper fails, its last good run is set back 30 hours to spare you the wait, and {PILED_UP}"
        " raw artifacts have expired meanwhile. Run retention (run-retention).",
        start=_stall,
        repaired=lambda means: bool(means.link.rows(_COMPLETED)),
        repair=_restart,
        end=lambda means: clear(means, RETENTION_BROKEN),
    ),
    "deletion-requested": Scenario(
        title="Users wait for their data to be deleted",
        help="Requests to delete a session have waited for 30 hours. Carry them out (run-deletions), and prove it"
        " (verify-deletion).",
        start=_ask,
        repaired=lambda means: not means.link.rows(_WAITING),
        repair=_withdraw,
    ),
}
