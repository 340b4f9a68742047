"""On which terms an action may be confirmed: risk, cap and proof of intent, as the profile says and no plan can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.actions.plan import Plan
from services.profile import ElevationAction, OutsideAction, Profile, Risk, SilenceAction, VerifyAction


@dataclass(frozen=True)
class Terms:
    risk: Risk
    cap: int
    kind: Literal["key", "count", "name"]  # what has to be typed
    reason_required: bool


def terms(profile: Profile, action_id: str, rows: int, gate: str = "") -> Terms:
    """Low: a key. Medium: the count. High, and in production anything in bulk and anything outside a database, where
    no system_identifier proves that it is the right place: the target's name, and a reason. Where the action has words
    of its own to be typed (`confirm`), those, and a reason. With a gate that is not known to hold it is high risk:
    `gate` is what the preview found it to be."""
    action = profile.actions[action_id]
    grave = profile.environment.is_production and (rows > 1 or isinstance(action, OutsideAction))
    if action.gate and gate != "holds":
        return Terms("high", action.bound, "name", reason_required=True)
    if isinstance(action, VerifyAction) and action.risk == "low" and not action.confirm:  # it changes nothing
        return Terms(action.risk, action.bound, "key", reason_required=False)
    if action.risk == "high" or grave or action.confirm:
        return Terms(action.risk, action.bound, "name", reason_required=True)
    asks = isinstance(action, ElevationAction) and action.do == "request"
    if asks or isinstance(action, SilenceAction):  # a silence that nobody understands is lifted by nobody
        return Terms(action.risk, action.bound, "count", reason_required=True)
    kind: Literal["key", "count"] = "key" if action.risk == "low" and rows == 1 else "count"
    return Terms(action.risk, action.bound, kind, reason_required=False)


def problem(profile: Profile, plan: Plan, reason: str) -> str:
    """Why the plan may not be carried out on the profile's terms; empty when it may."""
    ours = terms(profile, plan.request.action, plan.count, plan.gate)
    theirs = Terms(plan.risk, plan.cap, plan.confirm.kind, plan.confirm.reason_required)
    if ours != theirs:
        return "it was confirmed on other terms than the profile's: the plan was edited, or the profile since"
    if not 1 <= plan.count <= ours.cap:
        return f"{plan.count} rows; the cap is {ours.cap}"
    return "it needs a reason: it is recorded" if ours.reason_required and not reason.strip() else ""
