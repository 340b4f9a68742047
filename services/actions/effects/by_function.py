"""The effects that are their function: it does what is to be done, and records it, in one transaction."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import AsyncIterator

from services.actions.connection import ActionConnection
from services.actions.effects.effect import Course
from services.actions.effects.function_course import FunctionCourse
from services.actions.effects.in_database import InDatabase
from services.actions.effects.voided import settled
from services.actions.environment import Asks
from services.actions.journal import Record
from services.actions.plan import Outcome


class ByFunction(InDatabase):
    lasts_s = 0.0  # the server gives up after 3 s

    @abstractmethod
    async def standing(self, db: Asks, ids: tuple[str, ...], since: float) -> set[str]:
        """Which of them are now as the effect should have left them; `since` is what it wrote as now()."""

    @contextlib.asynccontextmanager
    async def acting(self) -> AsyncIterator[Course]:
        async with ActionConnection(self.source) as db:
            yield FunctionCourse(self, db)

    async def settled(self, record: Record, by: str) -> Outcome:
        return await settled(self, record, by)
