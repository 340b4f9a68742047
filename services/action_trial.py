"""Whether each action of a profile could be carried out by us now, told without doing anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.actions import environment
from services.actions.connection import ActionConnection, Lost
from services.actions.effects import InDatabase, Outside, in_databases, outside
from services.actions.environment import Server
from services.actions.gate import allow
from services.actions.identity import account, whoami
from services.errors import ActionError, SourceError, WatchdeckError
from services.findings import Finding
from services.profile import Profile

# By the catalogue, which anyone may read: asking by the function's signature needs a right on its schema.
GRANTED = """
SELECT p.proname::text AS name, has_function_privilege(p.oid, 'EXECUTE') AS granted
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'watchdeck'
"""


async def trials(profile: Profile, read_only: bool) -> list[Finding]:
    """One finding per action; actions of one database share a connection."""
    found: dict[str, Finding] = {}
    for effects in _by_database(profile).values():
        names = [effect.id for effect in effects]
        try:
            server, granted, remarks = await _asked(effects)
        except WatchdeckError as error:
            found |= {name: _finding(name, error) for name in names}
            continue
        for name in names:
            found[name] = _remarked(_trial(profile, name, server, granted, read_only), remarks[name])
    found |= {name: await _outside(profile, name, effect, read_only) for name, effect in outside(profile).items()}
    return [found[name] for name in profile.actions]


def _by_database(profile: Profile) -> dict[str, list[InDatabase]]:
    found: dict[str, list[InDatabase]] = {}
    for effect in in_databases(profile).values():
        found.setdefault(effect.database, []).append(effect)
    return found


async def _asked(effects: list[InDatabase]) -> tuple[Server, dict[str, bool], dict[str, tuple[str, ...]]]:
    from psycopg import Error

    async with ActionConnection(effects[0].source) as connection:
        try:
            server = await environment.look(connection)
            rows: list[dict[str, Any]] = await connection.rows(GRANTED)
            remarks = {effect.id: await effect.remarks(connection) for effect in effects}
        except (Error, Lost) as error:
            raise SourceError("error", f"asking the database about its actions: {error}") from error
    return server, {row["name"]: row["granted"] for row in rows}, remarks


def _remarked(finding: Finding, remarks: tuple[str, ...]) -> Finding:
    """One that may be carried out, and yet."""
    if finding.word != "ok" or not remarks:
        return finding
    return Finding(finding.what, "warning", f"{finding.message}; {'; '.join(remarks)}")


def _trial(profile: Profile, name: str, server: Server, granted: Mapping[str, bool], read_only: bool) -> Finding:
    role = server.site.role(profile, whoami().login)
    if refusal := allow(profile, name, role, "cli", read_only):
        return Finding(f"action {name}", "warning", refusal.message, refusal.remedy)
    try:
        environment.insist(profile, server)
        _must_be_granted(profile, name, server, granted)
    except ActionError as error:
        return _finding(name, error)
    return Finding(f"action {name}", "ok", f"may be carried out as {role} by {server.user} on {server.server}")


async def _outside(profile: Profile, name: str, effect: Outside, read_only: bool) -> Finding:
    role = profile.roles.of(whoami().login)
    if refusal := allow(profile, name, role, "cli", read_only):
        return Finding(f"action {name}", "warning", refusal.message, refusal.remedy)
    try:
        why = await effect.lacking()
    except WatchdeckError as error:
        return _finding(name, error)
    if why:
        return Finding(f"action {name}", "failed", why, "install it, or write its whole path into the profile")
    return Finding(f"action {name}", "ok", f"may be tried as {role} by {account()} on {effect.place}")


def _must_be_granted(profile: Profile, name: str, server: Server, granted: Mapping[str, bool]) -> None:
    if name not in granted:
        raise ActionError(
            f"{server.server} has no function for it", f"apply `watchdeck --profile {profile.name} roles --sql` again"
        )
    if not granted[name]:
        role = profile.actions[name].role
        raise ActionError(f"{server.user} may not execute it", f"GRANT watchdeck_{role} TO {server.user}")


def _finding(name: str, error: WatchdeckError) -> Finding:
    return Finding(f"action {name}", "failed", error.message, error.remedy)
