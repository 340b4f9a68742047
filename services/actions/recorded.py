"""An action as its intent in the local audit has it, where the plan itself is gone."""

from __future__ import annotations

import time

from services.actions.journal import Record
from services.actions.plan import Outcome, Word


def rows_of(record: Record) -> tuple[str, ...]:
    return tuple(str(one) for one in record["rows"])


def ended(record: Record, word: Word, applied: int | None, message: str, remedy: str = "") -> Outcome:
    return Outcome(
        id=str(record["id"]),
        action=str(record["action"]),
        word=word,
        asked=int(record.get("total") or len(record["rows"])),
        applied=applied,
        message=message,
        remedy=remedy,
        at=time.time(),
    )
