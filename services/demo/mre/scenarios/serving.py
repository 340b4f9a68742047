"""What goes wrong where users meet the system: the API, its storage, and who is let in."""

from __future__ import annotations

import time

from services.demo.mre import release
from services.demo.mre.api import KEY_FLAG, LINKS_FLAG, SIGNER_FLAG
from services.demo.mre.scenarios.means import Means, is_off, is_on, switch
from services.demo.mre.traffic import GUESSER
from services.demo.s3 import Fault
from services.demo.scenario import Scenario, by_nobody_here

OUTAGE = Fault("503", writes_only=True, spared=("raw/",))

# Granted at the latest half past two in the night, and still in force: whenever the demo runs, that was no office hour.
_ELEVATED = """
WITH night AS (SELECT date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '150 minutes' AS at)
INSERT INTO audit_events (at, actor, kind, detail)
SELECT CASE WHEN at < now() THEN at ELSE at - interval '1 day' END, 'support-7', 'support.elevated',
       jsonb_build_object('role', 'restricted', 'session', 4711, 'approved_by', '', 'until', now() + interval '8 hours')
  FROM night
"""
_ENDED = """
INSERT INTO audit_events (actor, kind, detail)
SELECT 'admin-1', 'support.elevation-ended', jsonb_build_object('grant', e.id) FROM audit_events e
 WHERE e.kind = 'support.elevated' AND (e.detail ->> 'until')::timestamptz > now()
"""


_PUBLISHED = "SELECT 1 FROM processing_runs WHERE published_at IS NOT NULL LIMIT 1"
FIRST_S = 20.0  # in which a stack that has just begun publishes its first session


def _refuse_writes(means: Means) -> None:
    """Not before something is published: else there is nothing that the outage could be shown to have left whole."""
    deadline = time.monotonic() + FIRST_S
    while not means.link.rows(_PUBLISHED) and time.monotonic() < deadline:
        time.sleep(0.2)
    means.store_fault(OUTAGE)


def _guess(means: Means, going_on: bool) -> None:
    means.traffic.guessing = going_on


def _export(means: Means, going_on: bool) -> None:
    means.traffic.exporting = going_on


SERVING: dict[str, Scenario[Means]] = {
    "storage-outage": Scenario(
        title="Object storage refuses writes",
        tells=frozenset(("storage-write-errors", "job-failure-rate")),
        help="Writes of datasets answer 503. Pause publish_session, so that runs wait instead of failing. The"
        " storage team repairs it (`repair` in the palette); then requeue what failed and resume publish_session.",
        start=_refuse_writes,
        repaired=by_nobody_here,
        repair=lambda means: means.store_fault(Fault()),
    ),
    "api-errors": Scenario(
        title="The API answers late and with errors",
        help=f"A new URL signer went live ({SIGNER_FLAG}): /api/ready is slow and fails, dataset URLs answer 502."
        f" Switch {SIGNER_FLAG} off.",
        start=lambda means: switch(means, SIGNER_FLAG, True, "deploy", "roll-out of signer v2"),
        repaired=lambda means: not is_on(means, SIGNER_FLAG),
        repair=lambda means: switch(means, SIGNER_FLAG, False, "somebody else", "signer v2 times out"),
    ),
    "bad-release": Scenario(
        title="A release went out that should not have",
        tells=frozenset(("job-failure-rate", "api-5xx-ratio", "service-down")),
        help=f"{release.BAD} of API and workers, and parser {release.BAD_PARSER_PIN}: reads answer 500, detect_laps"
        " finds no laps. Roll back (rollback-release): the API, then the workers, then the parsers.",
        start=lambda means: release.put_bad(means.link),
        repaired=lambda means: release.is_gone(means.link),
        repair=lambda means: release.put_good(means.link),
    ),
    "auth-failures": Scenario(
        title="Nobody can log in",
        help=f"The key that tokens are signed with was rotated ({KEY_FLAG}), and the API does not know the new one:"
        f" every login is refused. Switch {KEY_FLAG} off.",
        start=lambda means: switch(means, KEY_FLAG, True, "deploy", "rotation of the token key"),
        repaired=lambda means: not is_on(means, KEY_FLAG),
        repair=lambda means: switch(means, KEY_FLAG, False, "somebody else", "the API lacks the new key"),
    ),
    "login-failures": Scenario(
        title="One address tries many accounts",
        help=f"{GUESSER} tries one account after the other with the same password. Nothing at the console stops it:"
        " have the address blocked at the edge (`repair` in the palette).",
        start=lambda means: _guess(means, True),
        repaired=by_nobody_here,
        repair=lambda means: _guess(means, False),
    ),
    "signed-url-spike": Scenario(
        title="One client takes links to everything",
        help="A client asks for links to datasets as fast as it gets them. Stop the issue of links"
        f" (stop-signed-urls, or {LINKS_FLAG} off): it gives up. Then switch {LINKS_FLAG} on again.",
        start=lambda means: _export(means, True),
        repaired=lambda means: is_off(means, LINKS_FLAG),
        end=lambda means: _export(means, False),
    ),
    "elevation-at-night": Scenario(
        title="Support reads restricted data at night",
        help="Somebody of support was given access to telemetry at 02:30 UTC, approved by nobody. Ask, and have the"
        " platform admin end the grant (`repair` in the palette).",
        start=lambda means: _done(means, _ELEVATED),
        repaired=by_nobody_here,
        repair=lambda means: _done(means, _ENDED),
    ),
}


def _done(means: Means, sql: str) -> None:
    means.link.rows(sql)
