"""What an action would do, looked up on the primary and frozen: the plan that is confirmed and carried out."""

from __future__ import annotations

from services.actions import flags_preview, rows_preview
from services.actions.environment import Asks, Server, insist, look
from services.actions.found import Found
from services.actions.gate import allow
from services.actions.plan import Confirm, Plan, Request
from services.errors import ActionError
from services.profile import Profile, Role, RowsAction


async def preview(
    profile: Profile, request: Request, db: Asks, *, actor: str, role: Role, read_only: bool = False
) -> Plan:
    """The plan. ActionError when it is refused, when the database is not the right one, or when nothing matches;
    SourceError when the database does not answer."""
    if refusal := allow(profile, request.action, role, request.way, read_only):
        raise ActionError(refusal.message, refusal.remedy)
    action = profile.actions[request.action]
    server = await look(db)
    insist(profile, server)
    if isinstance(action, RowsAction):
        found = await rows_preview.look_up(profile, request, db)
    else:
        found = await flags_preview.look_up(profile, action, request, db, server.now)
    return _plan(profile, request, found, server, actor, role)


def _plan(profile: Profile, request: Request, found: Found, server: Server, actor: str, role: Role) -> Plan:
    action = profile.actions[request.action]
    cap = action.cap if isinstance(action, RowsAction) else 1
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
        risk=action.risk,
        confirm=confirm_by(profile, action.risk, found),
        targets=found.targets,
        matching=found.matching,
        matching_at_least=found.matching_at_least,
        per_type=found.per_type,
        table_share=found.table_share,
        cap=cap,
        changes=found.changes,
        reversible=found.reversible,
        fidelity=found.fidelity,
        warnings=found.warnings,
        taken_at=server.now,  # before the rows were read: the plan is never younger than it says
        detail=found.detail,
    )


def confirm_by(profile: Profile, risk: str, found: Found) -> Confirm:
    """Low: a key. Medium: the count. High, and anything in bulk in production: the target's name, and a reason."""
    environment, count = profile.environment, len(found.targets)
    if risk == "high" or (environment.is_production and count > 1):
        return Confirm(
            kind="name", expected=environment.name if environment.is_production else found.name, reason_required=True
        )
    if risk == "low" and count == 1:
        return Confirm(kind="key", expected="y")
    return Confirm(kind="count", expected=str(count))
