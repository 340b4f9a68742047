"""Carries out one confirmed plan: gate, intent, effect, read back, outcome; every step recorded before the next."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from services.actions import ledger, refusals, settle, terms
from services.actions.connection import ActionConnection, Lost, source_of
from services.actions.environment import insist, look
from services.actions.gate import Refusal, allow
from services.actions.identity import effective_role
from services.actions.journal import Journal
from services.actions.ledger import Receipt
from services.actions.plan import PREVIEW_LIFE_S, Outcome, Plan, Step, Word
from services.actions.read_back import judged
from services.actions.refusals import Refused
from services.errors import ActionError, WatchdeckError
from services.profile import Profile, Role
from services.text import safe

StepHook = Callable[[Step], Awaitable[None]]  # awaited after each step is done and recorded

SETTLE_S = 10.0


async def _quiet(step: Step) -> None:
    """Nobody follows."""


@dataclass
class Runner:
    """One run of one plan. `carry_out` never raises: what went wrong is an outcome."""

    profile: Profile
    plan: Plan
    reason: str
    login: str  # who is acting now, whoever made the plan: that is what is recorded
    journal: Journal
    read_only: bool = False
    on_step: StepHook = _quiet
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    actor: str = ""  # the login and the account it acts through; empty: the login alone

    def __post_init__(self) -> None:
        """Who acts in which role is not for the plan to say."""
        self._as_it_is(actor=self.actor or self.login, role=self.profile.roles.of(self.login))

    async def carry_out(self) -> Outcome:
        from psycopg import Error

        if refusal := self._gate(self.profile.roles.of(self.login)):
            return self._denied(refusal)
        try:
            async with ActionConnection(source_of(self.profile, self.plan.request.action)) as db:
                if refusal := await self._check(db):
                    return self._denied(refusal)
                await self.on_step("checked")
                anchor = self.journal.append_intent(self.id, self.plan, self.reason)
                await self.on_step("intent")
                return await self._effect(db, anchor)
        except Lost as error:  # before the intent: nothing was asked that could change anything
            return self._ended(Refused("not applied", f"{error}; nothing was changed"))
        except Error as error:  # looking was refused already
            said = safe(error.diag.message_primary or error, 400)
            return self._ended(Refused("not applied", f"{said}; nothing was changed"))
        except WatchdeckError as error:
            return self._ended(refusals.unreachable(error))

    # ---- before anything happens

    def _gate(self, role: Role) -> Refusal | None:
        request = self.plan.request
        return allow(self.profile, request.action, role, request.way, self.read_only)

    async def _check(self, db: ActionConnection) -> Refusal | None:
        """The database is the one of the preview, the preview is fresh by its clock, and role and terms hold."""
        found = await look(db)
        insist(self.profile, found)
        mine = (self.profile.name, self.profile.environment.name)
        if mine != (self.plan.profile, self.plan.environment):
            raise ActionError(
                f"the preview is of {self.plan.profile} ({self.plan.environment}), this is {mine[0]} ({mine[1]})",
                "give the profile that the preview was taken with",
            )
        there = self.plan.server.rpartition("/")[2]  # the host may have changed: a standby may have been promoted
        if (found.system_identifier, found.database) != (self.plan.system_identifier, there):
            raise ActionError(f"{found.server} is not the database of the preview", "take a new preview")
        age = found.now - self.plan.taken_at
        if age > PREVIEW_LIFE_S:
            raise ActionError(f"the preview is {age:.0f} s old; it lives for {PREVIEW_LIFE_S:.0f} s", "take a new one")
        role = effective_role(self.profile, self.login, found.roles, found.ledger)
        self._as_it_is(role=role, server=found.server, database_user=found.user)
        return self._gate(role) or self._terms()

    def _terms(self) -> Refusal | None:
        problem = terms.problem(self.profile, self.plan, self.reason)
        return Refusal(f"{self.plan.title}: {problem}", "take a new preview") if problem else None

    def _as_it_is(self, **known: str) -> None:
        self.plan = self.plan.model_copy(update=known)

    # ---- the effect, and what became of it

    async def _effect(self, db: ActionConnection, anchor: str) -> Outcome:
        from psycopg import Error

        try:
            receipt = await ledger.submit(db, self.plan, self.id, self.reason, anchor, self.journal.client())
        except Lost as error:
            return await self._settle(str(error))
        except Error as error:
            return self._recorded(self._ended(await refusals.explain(error, self.profile, self.plan, db)))
        await self.on_step("effect")
        outcome = await self._read_back(db, receipt)
        if db.warnings:
            message = f"{outcome.message}; the server warns: {safe(db.warnings[0], 300)}"
            outcome = outcome.model_copy(update={"message": message})
        await self.on_step("read back")
        outcome = self._recorded(outcome)
        await self.on_step("outcome")
        return outcome

    async def _read_back(self, db: ActionConnection, receipt: Receipt) -> Outcome:
        """Never done before the rows themselves say so."""
        from psycopg import Error

        try:
            return await judged(self.profile, self.plan.request.action, self._ids, receipt, self.plan.title, db)
        except (Lost, Error) as error:
            message = f"{self.plan.title}: applied to {receipt.applied}, but not read back: {safe(error, 300)}"
            return self._outcome("unknown", receipt.applied, message, settle.WHO)

    async def _settle(self, why: str) -> Outcome:
        """The reply was lost: taking the id as void tells whether the effect happened, once the link is back."""
        from psycopg import Error

        deadline = time.monotonic() + SETTLE_S
        while True:
            try:
                return self._recorded(await settle.settle_one(self.profile, self.journal.intent(self.id), self.login))
            except (WatchdeckError, Lost, Error) as error:
                if time.monotonic() > deadline:
                    message = f"{self.plan.title}: {why}; whether it was applied is not known yet ({error.args[0]})"
                    return self._outcome("unknown", None, message, settle.WHO)
            await asyncio.sleep(0.5)

    @property
    def _ids(self) -> tuple[str, ...]:
        return tuple(target.id for target in self.plan.targets)

    # ---- outcomes

    def _outcome(self, word: Word, applied: int | None, message: str, remedy: str = "") -> Outcome:
        return Outcome(
            id=self.id,
            action=self.plan.request.action,
            word=word,
            asked=len(self.plan.targets),
            applied=applied,
            message=message,
            remedy=remedy,
            at=time.time(),
        )

    def _ended(self, refused: Refused) -> Outcome:
        outcome = self._outcome(refused.word, 0, refused.message, refused.remedy)
        return outcome.model_copy(update={"differing": refused.differing})

    def _denied(self, refusal: Refusal) -> Outcome:
        outcome = self._ended(Refused("denied", refusal.message, refusal.remedy))
        try:
            self.journal.append_denied(self.id, self.plan, self.reason, refusal.message)
        except ActionError as error:
            return outcome.model_copy(update={"message": f"{outcome.message}; and {error.message}"})
        return outcome

    def _recorded(self, outcome: Outcome) -> Outcome:
        """The effect stands, whether the local record of its outcome can be written or not: the ledger has it."""
        try:
            self.journal.append_outcome(outcome)
        except ActionError as error:
            message = f"{outcome.message}; the local record of it is missing: {error.message}"
            remedy = "the console's next start completes it, or `watchdeck audit settle`"
            return outcome.model_copy(update={"message": message, "remedy": remedy})
        return outcome
