"""From a key or the palette to an outcome: gate, preview, confirmation, the child that carries it out, and its word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.actions.gate import Refusal, allow, turned
from services.actions.identity import effective_role, whoami
from services.actions.plan import Outcome, Plan, Request, Way
from services.errors import ActionError, WatchdeckError
from services.profile import Role
from services.readings import PostgresValues
from tui.questions import Questions
from tui.request import Lacking, NotHere, action_for, request
from tui.selection import Selection

if TYPE_CHECKING:
    from tui.app import Watchdeck
    from widgets.confirm import Confirmed


SETTLE_S = 5.0  # between two tries


class Remedies:
    """One action at a time; what it is doing stands on the status line."""

    def __init__(self, app: Watchdeck) -> None:
        self._app = app
        self._questions = Questions(app)
        self._actor = whoami()
        self._busy = False
        self._stop: asyncio.Event | None = None  # while a child is at work
        self._looking: asyncio.Future[Plan] | None = None  # while a preview is taken

    @property
    def stoppable(self) -> bool:
        return self._looking is not None or (self._stop is not None and not self._stop.is_set())

    def leave(self) -> bool:
        """Waits no longer for the preview that is being taken; False when there is none."""
        return self._looking is not None and self._looking.cancel()

    def stop(self) -> None:
        """Asks the action under way to come to an end: a program does, a VACUUM does; rows are changed all or none."""
        if not self.leave() and self._stop is not None:
            self._stop.set()
            self._app.say("it is asked to stop …", "warn")

    @property
    def actor(self) -> str:
        """Who does what is done here, as it is recorded."""
        return str(self._actor)

    @property
    def role(self) -> Role:
        deck = self._app.deck
        server = deck.values("postgres", PostgresValues)
        known = (server.roles, server.ledger) if server else ((), False)
        return effective_role(deck.profile, self._actor.login, *known)

    # -- where it starts ---------------------------------------------------------------------------------------------

    def key(self, key: str, selection: Selection) -> None:
        try:
            action_id = action_for(self._app.deck, key, selection)
        except NotHere as problem:
            self._app.hint(str(problem))
        else:
            self.start(action_id, selection, "key")

    def menu(self) -> None:
        self._app.action_menu()

    def start(
        self,
        action_id: str,
        selection: Selection,
        way: Way,
        given: Mapping[str, str] = MappingProxyType({}),
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        """The gate first: who may not do it is told so before anything is looked up. `given`: what it is about, or its
        parameters, where that is known; `then` is told how it ended."""
        app = self._app
        if self._busy:
            app.say("an action is under way: one at a time", "warn")
            return
        if refusal := allow(app.deck.profile, action_id, self.role, way, app.options.read_only):
            self._refuse(Request(action=action_id, way=way), refusal)
            return
        try:
            request(app.deck, action_id, selection, way, **given)
        except Lacking:
            pass  # it is asked for
        except NotHere as problem:
            if problem.view:
                app.view(problem.view, problem.page)
            app.hint(str(problem))
            return
        self._busy = True  # at once: a second key may be handled before the worker's first step
        title = app.deck.profile.actions[action_id].title
        app.background(self._carry_through(action_id, selection, way, given, then), "remedy", title)

    def _refuse(self, wanted: Request, refusal: Refusal) -> None:
        """A refusal is recorded like everything else that somebody tried."""
        from services.actions.journal import Journal

        app = self._app
        app.say(f"denied: {refusal.message}: {refusal.remedy}", "bad")
        profile = app.deck.profile
        action = profile.actions.get(wanted.action)
        try:
            Journal.of(profile).append_refused(
                wanted, action.title if action else wanted.action, str(self._actor), self.role, refusal.message
            )
        except WatchdeckError as error:
            app.say(f"denied, and that could not be recorded: {error.message}", "bad")

    # -- the way of one action ---------------------------------------------------------------------------------------

    async def _carry_through(
        self,
        action_id: str,
        selection: Selection,
        way: Way,
        given: Mapping[str, str],
        then: Callable[[Outcome], None] | None,
    ) -> None:
        app = self._app
        try:
            asked = await self._questions.about(action_id, selection, way, given)
            confirmed = await self._confirmed(asked) if asked else None
            refusal = turned(confirmed.plan, await app.paperwork.gate(action_id)) if confirmed else None
            if confirmed and refusal:
                self._refuse(confirmed.plan.request, refusal)
            elif confirmed:
                outcome = await self._run(confirmed)
                if then:
                    then(outcome)
            else:
                app.say("cancelled: nothing was changed")
        except WatchdeckError as error:
            app.say(str(error).replace("\n  ->", ":"), "bad")
        finally:
            self._busy = False

    async def _confirmed(self, wanted: Request) -> Confirmed | None:
        from widgets.confirm import ConfirmScreen

        self._app.say("looking up what it would change … (Esc leaves it)")
        if (plan := await self._looked_up(wanted)) is None:
            return None
        await self._undisturbed()
        self._app.say("waiting for your confirmation")
        return await self._app.push_screen_wait(
            ConfirmScreen(plan, retake=lambda: self._again(wanted), mono=self._app.clock.mono)
        )

    async def _looked_up(self, wanted: Request) -> Plan | None:
        """None: somebody would not wait for it."""
        self._looking = looking = asyncio.ensure_future(self._preview(wanted))
        try:
            await asyncio.wait({looking})
            return None if looking.cancelled() else looking.result()
        finally:
            looking.cancel()
            self._looking = None

    async def _undisturbed(self) -> None:
        """Until a view is in front: a dialog that opens over a palette or a prompt would be typed into."""
        if not self._app.undisturbed:
            self._app.say("the preview is there: close what is open over the view to see it")
        while not self._app.undisturbed:
            self._app.resumed.clear()
            await self._app.resumed.wait()

    async def _again(self, wanted: Request) -> Plan:
        """For the dialog, which tells a WatchdeckError and knows no other."""
        try:
            return await self._preview(wanted)
        except WatchdeckError:
            raise
        except Exception as error:
            self._app.mishap("the preview", error)
            raise ActionError("the preview could not be taken again: the status line says more") from error

    async def _preview(self, wanted: Request) -> Plan:
        from services.actions.preview import preview, previewing

        app = self._app
        profile = app.deck.profile
        async with previewing(profile, wanted.action) as prospect:
            return await preview(
                profile,
                wanted,
                prospect,
                actor=str(self._actor),
                role=self.role,
                read_only=app.options.read_only,
                gate=await app.paperwork.gate(wanted.action),
            )

    async def _run(self, confirmed: Confirmed) -> Outcome:
        """In a child process: nothing that happens to this screen stops it half way."""
        from services.actions.child import run_child
        from services.actions.journal import Journal
        from services.actions.settle import as_recorded

        app, title = self._app, confirmed.plan.title
        app.say(f"{title}: starting …")
        self._stop = asyncio.Event()
        try:
            outcome = await run_child(
                confirmed.plan,
                confirmed.reason,
                Path(app.options.profile_path),
                lambda step: app.say(f"{title}: {step} …"),
                self._stop,
            )
        finally:
            self._stop = None
        if outcome.word == "unknown":  # its process died or fell silent: perhaps it could still write
            outcome = await asyncio.to_thread(as_recorded, Journal.of(app.deck.profile), outcome)
        app.told(outcome)
        app.refresh_sources()
        if outcome.word == "unknown":
            self.settle()
        return outcome

    # -- what earlier sessions left ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """Find out, in the background, how the actions ended whose outcome nobody has heard."""
        self._app.background(self._settled(), "settle", "settling earlier actions", exclusive=True)

    async def _settled(self) -> None:
        """Until none is left. What was said once is not said again: the status line has other news to tell."""
        from services.actions.journal import Journal

        app = self._app
        journal = Journal.of(app.deck.profile)
        said: set[str] = set()
        while True:
            try:
                if not await asyncio.to_thread(journal.unsettled):
                    return
                from services.actions.settle import settle  # every effect comes with it: 0.1 s, and seldom wanted

                for outcome in await settle(app.deck.profile, journal, str(self._actor)):
                    if outcome.message not in said:
                        app.told(outcome)
                    said.add(outcome.message)
            except WatchdeckError as error:
                if error.message not in said:
                    app.say(f"earlier actions are not settled yet: {error.message}", "unknown")
                said.add(error.message)
            await app.clock.sleep(SETTLE_S)
