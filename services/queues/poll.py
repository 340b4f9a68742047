"""What a poll asks of a queue at every turn, by the name of the question.

A mapping's [cost.indexes] uses the same names: "live states", "failed jobs", "locks", "finished_at", "attempts".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from services.database import Statement
from services.queues import questions
from services.queues.mapping import LIVE
from services.queues.mapping import Mapping as QueueMapping

LIVE_STATES, LOCKS, ENDS, TRIES, WORKERS = "live states", "locks", "finished_at", "attempts", "workers"


def counting(state: str) -> str:
    """The name of the question how many rows of a finished state there are."""
    return f"{state} jobs"


def counted(mapping: QueueMapping, small: bool) -> tuple[str, ...]:
    """Finished states that are counted; in a small table also those that are estimated in a large one."""
    wanted = (*mapping.cost.counted, *mapping.cost.estimated) if small else mapping.cost.counted
    return tuple(state for state in wanted if state in mapping.states and state not in LIVE)


def statements(
    mapping: QueueMapping, types: Sequence[str], small: bool, stale_after: Mapping[str, float]
) -> dict[str, Statement]:
    """Everything but what has ended, which is read from where the last poll ended."""
    params: dict[str, object] = {"types": list(types), "cap": mapping.cost.cap}
    asked: dict[str, Statement] = {LIVE_STATES: (questions.depths(mapping), params)}
    for state in counted(mapping, small):
        sql = questions.finished_in_small(mapping, state) if small else questions.finished(mapping, state)
        asked[counting(state)] = (sql, params)
    if (stale := mapping.stale) and (since := questions.held_since(mapping)):
        patience: dict[str, object] = {"allowed": json.dumps(dict(stale_after)), "after": stale.after}
        patience |= {"shortest": min([stale.after, *stale_after.values()]), "cap": questions.LOCKS_CAP}
        asked[LOCKS] = (questions.locks(mapping, stale, since), patience)
    if mapping.workers:
        asked[WORKERS] = (questions.workers(mapping, mapping.workers), params)
    return asked
