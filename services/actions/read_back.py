"""Whether an effect is really there: the rows themselves are asked, not the reply."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from services.actions.environment import Asks
from services.actions.ledger import Receipt
from services.actions.plan import Outcome, Word
from services.text import safe

if TYPE_CHECKING:
    from services.actions.effects.by_function import ByFunction

_DIFFERING = 20


async def judged(effect: ByFunction, ids: tuple[str, ...], receipt: Receipt, title: str, db: Asks) -> Outcome:
    """done: the ledger has it and every row is as the effect leaves rows. partial: some no longer are."""
    if receipt.state == "void":
        message = f"{title}: not applied: {safe(receipt.actor, 80)} settled it as void before it arrived"
        return _outcome(receipt, effect.id, "not applied", ids, message)
    good = await effect.standing(db, ids, receipt.at)
    left = [one for one in ids if one not in good]
    again = f" (submitted before, by {safe(receipt.actor, 80)}: this is that outcome)" if receipt.repeated else ""
    if not left:
        return _outcome(receipt, effect.id, "done", ids, f"{title}: done, {receipt.applied} of {receipt.asked}{again}")
    message = f"{title}: applied to {receipt.applied}, but {len(left)} are not as it left them{again}"
    outcome = _outcome(receipt, effect.id, "partial", ids, message)
    return outcome.model_copy(
        update={"differing": tuple(safe(one, 80) for one in left[:_DIFFERING]), "remedy": "look at these rows"}
    )


def _outcome(receipt: Receipt, action: str, word: Word, ids: tuple[str, ...], message: str) -> Outcome:
    return Outcome(
        id=receipt.id,
        action=action,
        word=word,
        asked=len(ids),
        applied=0 if receipt.state == "void" else receipt.applied,
        message=message,
        at=time.time(),
    )
