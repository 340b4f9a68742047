"""What one kind of action knows of itself. The protocol around it, from gate to outcome, is the same for all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from services.actions.found import Found
from services.actions.journal import Journal, Record
from services.actions.plan import Outcome, Plan, Request, Step, Word
from services.actions.refused import Refused
from services.actions.site import Site
from services.profile import Role

StepHook = Callable[[Step], Awaitable[None]]  # awaited after each step is done and recorded
LineHook = Callable[[str], Awaitable[None]]  # what it says meanwhile: progress, a command's output


async def unheard(said: str) -> None:
    """Nobody follows."""


@dataclass(frozen=True)
class Order:
    """One confirmed plan, its intent durable: what is carried out now."""

    id: str
    plan: Plan
    reason: str
    login: str
    journal: Journal
    anchor: str  # hash of the intent
    on_step: StepHook = unheard
    on_line: LineHook = unheard
    stop: asyncio.Event = field(default_factory=asyncio.Event)  # somebody wants it to come to an end

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(target.id for target in self.plan.targets)

    def outcome(self, word: Word, applied: int | None, message: str, remedy: str = "") -> Outcome:
        return Outcome(
            id=self.id,
            action=self.plan.request.action,
            word=word,
            asked=self.plan.count,
            applied=applied,
            message=message,
            remedy=remedy,
            at=time.time(),
        )

    def refused(self, refused: Refused) -> Outcome:
        outcome = self.outcome(refused.word, 0, refused.message, refused.remedy)
        return outcome.model_copy(update={"differing": refused.differing})


class Prospect(Protocol):
    """What a preview asks; it changes nothing."""

    async def role(self, login: str) -> Role:
        """As which this person would act there; asked before the gate, and whatever place it is."""
        ...

    async def site(self) -> Site:
        """ActionError when it is not where the profile's environment says."""
        ...

    async def look_up(self, request: Request, site: Site) -> Found:
        """ActionError when a setting is missing or wrong, or when there is nothing to do."""
        ...


class Course(Protocol):
    """What a runner asks, in this order."""

    async def site(self) -> Site: ...

    async def carry_out(self, order: Order) -> Outcome:
        """The effect, and how it ended as far as it could be read back. Never raises for the effect's sake."""
        ...


class Effect(Protocol):
    tells_later: bool  # whether somebody else can find out what its runner could not see
    lasts_s: float  # the longest that it can take, beyond the few seconds of the protocol around it

    def previewing(self) -> AbstractAsyncContextManager[Prospect]: ...

    def acting(self) -> AbstractAsyncContextManager[Course]:
        """SourceError when there is no connection to be had."""
        ...

    async def settled(self, record: Record, by: str) -> Outcome:
        """How the intent of `record` ended whose outcome is not known. Unsettled when it cannot be told yet."""
        ...
