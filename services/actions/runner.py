"""Carries out one confirmed plan: gate, intent, effect, read back, outcome; every step recorded before the next."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from services.actions import terms
from services.actions.connection import Lost
from services.actions.effects import Course, LineHook, Order, StepHook, effect_of, unheard
from services.actions.gate import Refusal, allow
from services.actions.journal import Journal
from services.actions.plan import PREVIEW_LIFE_S, Outcome, Plan
from services.actions.refused import Refused, unreachable
from services.errors import ActionError, WatchdeckError
from services.profile import Profile, Role
from services.text import safe

EARLY_S = 5.0  # how far a preview may seem to lie in the future


@dataclass
class Runner:
    """One run of one plan. `carry_out` never raises: what went wrong is an outcome."""

    profile: Profile
    plan: Plan
    reason: str
    login: str  # who is acting now, whoever made the plan: that is what is recorded
    journal: Journal
    read_only: bool = False
    on_step: StepHook = unheard
    on_line: LineHook = unheard
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    stop: asyncio.Event = field(default_factory=asyncio.Event)  # set: what can be cut short shall be
    actor: str = ""  # the login and the account it acts through; empty: the login alone

    def __post_init__(self) -> None:
        """Who acts in which role is not for the plan to say."""
        self._as_it_is(actor=self.actor or self.login, role=self.profile.roles.of(self.login))

    async def carry_out(self) -> Outcome:
        from psycopg import Error

        if refusal := self._gate(self.profile.roles.of(self.login)):
            return self._denied(refusal)
        try:
            effect = effect_of(self.profile, self.plan.request.action)
            async with effect.acting() as course:
                if refusal := await self._check(course):
                    return self._denied(refusal)
                await self.on_step("checked")
                anchor = self.journal.append_intent(self.id, self.plan, self.reason, effect.lasts_s)
                await self.on_step("intent")
                return await self._effect(course, anchor, effect.tells_later)
        except Lost as error:  # before the intent: nothing was asked that could change anything
            return self._ended(Refused("not applied", f"{error}; nothing was changed"))
        except Error as error:  # looking was refused already
            said = safe(error.diag.message_primary or error, 400)
            return self._ended(Refused("not applied", f"{said}; nothing was changed"))
        except WatchdeckError as error:
            return self._ended(unreachable(error))

    # ---- before anything happens

    def _gate(self, role: Role) -> Refusal | None:
        request = self.plan.request
        return allow(self.profile, request.action, role, request.way, self.read_only)

    async def _check(self, course: Course) -> Refusal | None:
        """The place is the one of the preview, the preview is fresh by its clock, and role and terms hold."""
        site = await course.site()
        mine = (self.profile.name, self.profile.environment.name)
        if mine != (self.plan.profile, self.plan.environment):
            raise ActionError(
                f"the preview is of {self.plan.profile} ({self.plan.environment}), this is {mine[0]} ({mine[1]})",
                "give the profile that the preview was taken with",
            )
        if not site.is_of(self.plan):
            what = "the database" if site.identity else "the place"
            raise ActionError(f"{site.name} is not {what} of the preview", "take a new preview")
        age = site.now - self.plan.taken_at
        if not -EARLY_S <= age <= PREVIEW_LIFE_S:
            raise ActionError(f"the preview is {age:.0f} s old; it lives for {PREVIEW_LIFE_S:.0f} s", "take a new one")
        role = site.role(self.profile, self.login)
        self._as_it_is(role=role, server=site.name, database_user=site.user)
        return self._gate(role) or self._terms()

    def _terms(self) -> Refusal | None:
        problem = terms.problem(self.profile, self.plan, self.reason)
        return Refusal(f"{self.plan.title}: {problem}", "take a new preview") if problem else None

    def _as_it_is(self, **known: str) -> None:
        self.plan = self.plan.model_copy(update=known)

    # ---- the effect, and what became of it

    async def _effect(self, course: Course, anchor: str, tells_later: bool) -> Outcome:
        outcome = self._recorded(await course.carry_out(self._order(anchor)), tells_later)
        await self.on_step("outcome")
        return outcome

    def _order(self, anchor: str = "") -> Order:
        hooks = (self.on_step, self.on_line, self.stop)
        return Order(self.id, self.plan, self.reason, self.login, self.journal, anchor, *hooks)

    def _ended(self, refused: Refused) -> Outcome:
        return self._order().refused(refused)

    def _denied(self, refusal: Refusal) -> Outcome:
        outcome = self._ended(Refused("denied", refusal.message, refusal.remedy))
        try:
            self.journal.append_denied(self.id, self.plan, self.reason, refusal.message)
        except ActionError as error:
            return outcome.model_copy(update={"message": f"{outcome.message}; and {error.message}"})
        return outcome

    def _recorded(self, outcome: Outcome, tells_later: bool) -> Outcome:
        """The effect stands, whether the local record of its outcome can be written or not. What is unknown and will
        never be known better is settled with that."""
        try:
            if outcome.word == "unknown" and not tells_later:
                self.journal.append_settled(outcome, self.login)
            else:
                self.journal.append_outcome(outcome)
        except ActionError as error:
            message = f"{outcome.message}; the local record of it is missing: {error.message}"
            remedy = "the console's next start completes it, or `watchdeck audit settle`"
            return outcome.model_copy(update={"message": message, "remedy": remedy})
        return outcome
