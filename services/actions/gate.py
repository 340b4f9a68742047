"""The one gate that every action passes, whichever way it was asked for: role, action, way, read-only.

And the gate of the profile's that some wait for: what it was at the preview it has to be at the confirmation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.actions.plan import Plan, Way
from services.profile import RANK, Profile, Role

if TYPE_CHECKING:
    from services.procedures.verdict import Judged


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


def turned(plan: Plan, gate: Judged | None) -> Refusal | None:
    """What was confirmed on the terms of a gate that held is not carried out when that does not hold any more. `gate`
    is how it stands now."""
    if plan.gate != "holds" or (gate and gate.state == "holds"):
        return None
    state = {"fails": "it fails", "manual": "nothing of it is judged"}.get(gate.state if gate else "", "it is unknown")
    why = f": {gate.against[0]}" if gate and gate.against else ""
    return Refusal(f"{plan.title}: its gate held at the preview, and {state} now{why}", "take a new preview")
