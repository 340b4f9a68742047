"""The gate of an action, judged from the command line: by asking everything once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.clock import Clock
from services.procedures.judged import judge
from services.procedures.survey import survey
from services.procedures.verdict import Judged

if TYPE_CHECKING:
    from services.profile import Profile

TIMEOUT_S = 10.0


async def gate_of(profile: Profile, action_id: str, clock: Clock) -> Judged | None:
    """None where the action has none, or the profile has no such action."""
    action = profile.actions.get(action_id)
    if action is None or not action.gate:
        return None
    return judge(action.gate, await survey(profile, clock, TIMEOUT_S))
