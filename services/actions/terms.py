"""On which terms an action may be confirmed: risk, cap and proof of intent, as the profile says and no plan can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.actions.plan import Plan
from services.profile import Profile, Risk, RowsAction


@dataclass(frozen=True)
class Terms:
    risk: Risk
    cap: int
    kind: Literal["key", "count", "name"]  # what has to be typed
    reason_required: bool


def terms(profile: Profile, action_id: str, rows: int) -> Terms:
    """Low: a key. Medium: the count. High, and anything in bulk in production: the target's name, and a reason."""
    action = profile.actions[action_id]
    cap = action.cap if isinstance(action, RowsAction) else 1
    if action.risk == "high" or (profile.environment.is_production and rows > 1):
        return Terms(action.risk, cap, "name", reason_required=True)
    return Terms(action.risk, cap, "key" if action.risk == "low" and rows == 1 else "count", reason_required=False)


def problem(profile: Profile, plan: Plan, reason: str) -> str:
    """Why the plan may not be carried out on the profile's terms; empty when it may."""
    ours = terms(profile, plan.request.action, len(plan.targets))
    theirs = Terms(plan.risk, plan.cap, plan.confirm.kind, plan.confirm.reason_required)
    if ours != theirs:
        return "it was confirmed on other terms than the profile's: the plan was edited, or the profile since"
    if not 1 <= len(plan.targets) <= ours.cap:
        return f"{len(plan.targets)} rows; the cap is {ours.cap}"
    return "it needs a reason: it is recorded" if ours.reason_required and not reason.strip() else ""
