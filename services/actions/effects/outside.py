"""What the effects outside a database share: no ledger knows of them, intent and outcome stand in the local audit.

No row in a ledger on purpose: nothing in the database changes, and one that is down must not be in the way of the
remedy. So there is no id that only one can take: nothing is ever done a second time, and what nobody saw end stays
unknown, with what to look at.
"""

from __future__ import annotations

import contextlib
import platform
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from typing import Any

from services.actions.effects.effect import Course, Order, Prospect
from services.actions.found import Found
from services.actions.identity import account
from services.actions.journal import Record
from services.actions.plan import Outcome, Request
from services.actions.recorded import ended
from services.actions.refused import Refused
from services.actions.site import Site
from services.errors import WatchdeckError
from services.profile import OutsideAction, Profile, Role


class Outside(ABC):
    """An action on a machine or a service: its own prospect and its own course, for nothing has to be connected."""

    tells_later = False

    def __init__(self, profile: Profile, action_id: str, action: OutsideAction) -> None:
        self.profile = profile
        self.id = action_id
        self.lasts_s = action.timeout + 60.0  # and its being looked at afterwards
        self._title = action.title

    # ---- what each kind says for itself

    @abstractmethod
    async def look_up(self, request: Request, site: Site) -> Found: ...

    @abstractmethod
    async def do(self, order: Order) -> Outcome:
        """The effect and its being read back, with the steps between. WatchdeckError: nothing was done."""

    @abstractmethod
    def obstacle(self) -> str:
        """Why it could not be carried out from here; empty when nothing is known to be in the way."""

    async def lacking(self) -> str:
        """The same, asked where it would happen. WatchdeckError where that tells more."""
        return self.obstacle()

    @abstractmethod
    def hint(self, record: Record) -> str:
        """What to look at when nobody saw how it ended."""

    @property
    def place(self) -> str:
        return platform.node()

    # ---- what is the same for all

    @contextlib.asynccontextmanager
    async def previewing(self) -> AsyncIterator[Prospect]:
        yield self

    @contextlib.asynccontextmanager
    async def acting(self) -> AsyncIterator[Course]:
        yield self

    async def site(self) -> Site:
        return Site(time.time(), self.place, account())

    async def role(self, login: str) -> Role:
        return self.profile.roles.of(login)

    async def carry_out(self, order: Order) -> Outcome:
        try:
            return await self.do(order)
        except WatchdeckError as error:
            message = f"{self._title}: {error.message}; nothing was changed"
            return order.refused(Refused("not applied", message, error.remedy))

    async def settled(self, record: Record, by: str) -> Outcome:
        message = f"{record['title']}: nobody saw how it ended, and it is not done again"
        return ended(record, "unknown", None, message, f"look: {self.hint(record)}")


def changed_since(order: Order, now: dict[str, Any]) -> bool:
    """Whether what is about to be done is not what was previewed: the profile may have been edited since."""
    return order.plan.detail != now
