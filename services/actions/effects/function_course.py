"""The course of an effect that is one function in the database: submitted once, read back, settled if need be."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.actions import ledger, refusals
from services.actions.connection import ActionConnection, Lost
from services.actions.effects.effect import Order
from services.actions.environment import site_of
from services.actions.ledger import Receipt
from services.actions.plan import WHO_SETTLES, Outcome
from services.actions.read_back import judged
from services.actions.site import Site
from services.errors import WatchdeckError
from services.text import safe

if TYPE_CHECKING:
    from services.actions.effects.by_function import ByFunction

SETTLE_S = 10.0


@dataclass(frozen=True)
class FunctionCourse:
    effect: ByFunction
    db: ActionConnection

    async def site(self) -> Site:
        return await site_of(self.effect.profile, self.db)

    async def carry_out(self, order: Order) -> Outcome:
        from psycopg import Error

        try:
            client = order.journal.client()
            receipt = await ledger.submit(self.db, order.plan, order.id, order.reason, order.anchor, client)
        except Lost as error:
            return await self.settle(order, str(error))
        except Error as error:
            return order.refused(await refusals.explain(error, self.effect, order.plan, self.db))
        await order.on_step("effect")
        outcome = await self._read_back(order, receipt)
        if self.db.warnings:
            message = f"{outcome.message}; the server warns: {safe(self.db.warnings[0], 300)}"
            outcome = outcome.model_copy(update={"message": message})
        await order.on_step("read back")
        return outcome

    async def _read_back(self, order: Order, receipt: Receipt) -> Outcome:
        """Never done before the rows themselves say so."""
        from psycopg import Error

        try:
            return await judged(self.effect, order.ids, receipt, order.plan.title, self.db)
        except (Lost, Error) as error:
            message = f"{order.plan.title}: applied to {receipt.applied}, but not read back: {safe(error, 300)}"
            return order.outcome("unknown", receipt.applied, message, WHO_SETTLES)

    async def settle(self, order: Order, why: str) -> Outcome:
        """The reply was lost: taking the id as void tells whether the effect happened, once the link is back."""
        from psycopg import Error

        deadline = time.monotonic() + SETTLE_S
        while True:
            try:
                return await self.effect.settled(order.journal.intent(order.id), order.login)
            except (WatchdeckError, Lost, Error) as error:
                if time.monotonic() > deadline:
                    message = f"{order.plan.title}: {why}; whether it was applied is not known yet ({error.args[0]})"
                    return order.outcome("unknown", None, message, WHO_SETTLES)
            await asyncio.sleep(0.5)
