"""What an action would do, looked up on the primary and frozen: the plan that is confirmed and carried out."""

from __future__ import annotations

import asyncio

from services.actions import flags_preview, rows_preview
from services.actions.environment import Asks, Server, insist, look
from services.actions.found import Found
from services.actions.gate import allow
from services.actions.plan import Confirm, Plan, Request
from services.actions.seal import sealed
from services.actions.terms import Terms, terms
from services.errors import Denied
from services.profile import Profile, Role, RowsAction


async def preview(
    profile: Profile, request: Request, db: Asks, *, actor: str, role: Role, read_only: bool = False
) -> Plan:
    """The plan. Denied by the gate; ActionError when the database is not the right one, or when nothing matches;
    SourceError when the database does not answer."""
    if refusal := allow(profile, request.action, role, request.way, read_only):
        raise Denied(refusal.message, refusal.remedy)
    action = profile.actions[request.action]
    server = await look(db)
    insist(profile, server)
    if isinstance(action, RowsAction):
        found = await rows_preview.look_up(profile, request, db)
    else:
        found = await flags_preview.look_up(profile, action, request, db, server.now)
    return await asyncio.to_thread(sealed, profile, _plan(profile, request, found, server, actor, role))


def _plan(profile: Profile, request: Request, found: Found, server: Server, actor: str, role: Role) -> Plan:
    action = profile.actions[request.action]
    asked = terms(profile, request.action, len(found.targets))
    return Plan(
        request=request,
        title=action.title,
        profile=profile.name,
        environment=profile.environment.name,
        production=profile.environment.is_production,
        server=server.server,
        system_identifier=server.system_identifier,
        database_user=server.user,
        actor=actor,
        role=role,
        risk=asked.risk,
        confirm=_confirm(profile, asked, found),
        targets=found.targets,
        matching=found.matching,
        matching_at_least=found.matching_at_least,
        per_type=found.per_type,
        table_share=found.table_share,
        cap=asked.cap,
        changes=found.changes,
        reversible=found.reversible,
        fidelity=found.fidelity,
        warnings=found.warnings,
        taken_at=server.now,  # before the rows were read: the plan is never younger than it says
        detail=found.detail,
        snapshot=server.snapshot,
    )


def _confirm(profile: Profile, asked: Terms, found: Found) -> Confirm:
    """What exactly has to be typed: in production its name, so that nobody forgets where they are."""
    environment = profile.environment
    name = environment.name if environment.is_production else found.name
    expected = {"key": "y", "count": str(len(found.targets)), "name": name}[asked.kind]
    return Confirm(kind=asked.kind, expected=expected, reason_required=asked.reason_required)
