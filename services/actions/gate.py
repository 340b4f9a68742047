"""The one gate that every action passes, whichever way it was asked for: role, action, way, read-only."""

from __future__ import annotations

from dataclasses import dataclass

from services.actions.plan import Way
from services.profile import RANK, Profile, Role


@dataclass(frozen=True)
class Refusal:
    message: str
    remedy: str


def allow(profile: Profile, action_id: str, role: Role, way: Way, read_only: bool) -> Refusal | None:
    """None when it may go on to the preview. The way in is a parameter so that none of them can be forgotten: it
    changes only the words."""
    action = profile.actions.get(action_id)
    if action is None:
        return Refusal(
            f"the profile {profile.name} has no action {action_id!r}",
            f"there are: {', '.join(profile.actions) or 'none'}",
        )
    if read_only:
        how = "without --read-only" if way == "cli" else "start the console without --read-only"
        return Refusal(f"{action.title}: this console is read-only", how)
    if RANK[role] < RANK[action.role]:
        return Refusal(
            f"{action.title}: needs the role {action.role}, you are {role}",
            "ask somebody who has it, or see [roles] in the profile and `watchdeck roles --sql`",
        )
    return None
