"""Support asks to see what is restricted: somebody has to say yes or no."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from services.demo.mre.scenarios.means import Means
from services.demo.scenario import Scenario

ASKS, APPROVES = "support", "approver"  # their logins
SUE, COLLEAGUE = "sue", "colleague"  # as whom they are recorded

_CALL = """
SELECT watchdeck.{function}(gen_random_uuid(), %(actor)s, %(reason)s, 'demo', clock_timestamp(), 1,
       jsonb_build_object(%(of)s::text, %(seen)s::jsonb),
       jsonb_build_object('system_identifier', (SELECT system_identifier::text FROM pg_control_system())), '')
"""


def _call(means: Means, login: str, action: str, actor: str, reason: str, of: str, seen: dict[str, Any]) -> None:
    """As a console of theirs would, which the actions of these names are made for."""
    named = {"actor": actor, "reason": reason, "of": of, "seen": json.dumps(seen)}
    with psycopg.connect(means.people[login], autocommit=True) as connection:
        connection.execute(_CALL.format(function=f'"{action}"').encode(), named)


def _ask(means: Means) -> None:
    reason = "a customer cannot find the first lap of a session"
    _call(means, ASKS, "elevate", SUE, reason, "job-payload", {"minutes": "15"})


def _elevations(means: Means, where: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(means.people[ASKS], autocommit=True) as connection:
        found = f"SELECT id, seen FROM watchdeck.elevations() WHERE {where}"
        return connection.execute(found.encode()).fetchall()


def _approve(means: Means) -> None:
    """Whatever waits: also what you have asked for yourself, as support."""
    for id_, seen in _elevations(means, "state = 'waiting'"):
        _call(means, APPROVES, "approve-elevation", COLLEAGUE, "seen with the owner", id_, seen)


SUPPORT: dict[str, Scenario[Means]] = {
    "support-asks": Scenario(
        title="Support asks to see restricted data",
        help="Somebody of support asks for an elevation. Approve it or end it (X, in the view `elevations`). To be"
        " support yourself, start another console on support.toml, which lies beside this one's profile; a colleague"
        " approves what waits when this is repaired (`repair` in the palette).",
        start=_ask,
        repaired=lambda means: not _elevations(means, f"who = '{SUE}' AND state = 'waiting'"),
        repair=_approve,
    ),
}
