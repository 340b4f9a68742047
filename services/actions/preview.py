"""What an action would do, looked up where it would happen and frozen: the plan that is confirmed and carried out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from services.actions.effects import Prospect, effect_of
from services.actions.found import Found
from services.actions.gate import allow
from services.actions.plan import Confirm, Plan, Request
from services.actions.seal import sealed
from services.actions.site import Site
from services.actions.terms import Terms, terms
from services.errors import ActionError, Denied
from services.profile import Profile, Role

if TYPE_CHECKING:
    from services.procedures.verdict import Judged


@contextlib.asynccontextmanager
async def previewing(profile: Profile, action_id: str) -> AsyncIterator[Prospect]:
    """A look at where the action would happen, as whom it would happen. ActionError: no such action."""
    if action_id not in profile.actions:
        raise ActionError(
            f"the profile {profile.name} has no action {action_id!r}",
            f"there are: {', '.join(profile.actions) or 'none'}",
        )
    async with effect_of(profile, action_id).previewing() as prospect:
        yield prospect


async def preview(
    profile: Profile,
    request: Request,
    prospect: Prospect,
    *,
    actor: str,
    role: Role,
    read_only: bool = False,
    gate: Judged | None = None,
) -> Plan:
    """The plan. `gate` is how the checklist stands that the action waits for. Denied where the role is too low;
    ActionError when it is not the right place, or when nothing matches; SourceError when nobody answers there."""
    if refusal := allow(profile, request.action, role, request.way, read_only):
        raise Denied(refusal.message, refusal.remedy)
    site = await prospect.site()  # before the rows are read, so that the plan is never younger than it says
    found = await prospect.look_up(request, site)
    return await asyncio.to_thread(sealed, profile, _plan(profile, request, found, site, actor, role, gate))


def _plan(
    profile: Profile, request: Request, found: Found, site: Site, actor: str, role: Role, gate: Judged | None
) -> Plan:
    action = profile.actions[request.action]
    stands = (gate.state if gate else "unknown") if action.gate else ""
    asked = terms(profile, request.action, found.count, stands)
    return Plan(
        request=request,
        title=action.title,
        profile=profile.name,
        environment=profile.environment.name,
        production=profile.environment.is_production,
        server=site.name,
        system_identifier=site.identity,
        database_user=site.user,
        actor=actor,
        role=role,
        risk=asked.risk,
        confirm=_confirm(profile, request.action, asked, found),
        targets=found.targets,
        noun=found.noun,
        total=found.total,
        matching=found.matching,
        matching_at_least=found.matching_at_least,
        per_type=found.per_type,
        table_share=found.table_share,
        cap=asked.cap,
        changes=found.changes,
        reversible=found.reversible,
        fidelity=found.fidelity,
        warnings=(*found.warnings, *(_at_gate(action.gate, gate) if action.gate else ())),
        gate=stands,
        taken_at=found.taken_at or site.now,
        detail=found.detail,
        snapshot=site.snapshot,
    )


def _at_gate(name: str, gate: Judged | None) -> tuple[str, ...]:
    """What speaks against going on, before anything is typed."""
    if gate is None:
        return (f"gate {name}: unknown: nobody has judged it here",)
    if gate.state == "holds":
        return ()
    return tuple(f"gate {name}: {line}" for line in gate.against) or (f"gate {name}: {gate.state}",)


def _confirm(profile: Profile, action_id: str, asked: Terms, found: Found) -> Confirm:
    """What exactly has to be typed: in production its name, so that nobody forgets where they are; and the action's own
    words, where it has some."""
    environment, words = profile.environment, profile.actions[action_id].confirm
    where = environment.name if environment.is_production else ""
    name = " ".join(filter(None, (where, words))) or found.name
    expected = {"key": "y", "count": str(found.count), "name": name}[asked.kind]
    return Confirm(kind=asked.kind, expected=expected, reason_required=asked.reason_required)
