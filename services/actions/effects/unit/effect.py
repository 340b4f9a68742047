"""Restarts, starts or stops a systemd unit by the profile's own systemctl, and believes its state, not the reply."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import time

from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside, changed_since
from services.actions.effects.streamed import Ended, streamed
from services.actions.effects.unit.state import UnitState, state_of
from services.actions.found import Found
from services.actions.ids import split
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError, SourceError
from services.profile import Profile, UnitAction
from services.text import safe

WITHIN_S = 15.0  # for the unit to be as it should, once systemctl has answered
STEADY_S = 1.0  # and it must still be so after this: one that starts only to fall over is not started


class Unit(Outside):
    def __init__(self, profile: Profile, action_id: str, action: UnitAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action

    async def look_up(self, request: Request, site: Site) -> Found:
        unit = self._unit(request)
        state = await state_of(self.action.systemctl, unit)
        if self._is_so(state) and self.action.do != "restart":
            raise ActionError(f"{unit} is {state.active} already: nothing to change", state.since)
        return Found(
            targets=(Target(id=unit, label=unit, state=state.words, note=state.since, seen=state.seen),),
            matching=1,
            noun="unit",
            changes=(f"{safe(shlex.join(self._argv(unit)), 300)}",),
            reversible=self.action.do != "restart",
            name=unit,
            warnings=() if state.active in ("active", "inactive") else (f"it is {state.words} now",),
            detail={"argv": self._argv(unit)},
        )

    def obstacle(self) -> str:
        program = self.action.systemctl[0]
        return "" if shutil.which(program) else f"there is no program {safe(program, 200)}"

    def hint(self, record: Record) -> str:
        unit = next(iter(record["rows"]), self.action.units[0])
        return shlex.join([*self.action.systemctl, "status", safe(unit, 200)])

    def _unit(self, request: Request) -> str:
        if unknown := set(request.args) - {"ids"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there is: ids=UNIT")
        named = split(request.args.get("ids", "")) or list(self.action.units[:1] if self.action.complete else ())
        if len(named) != 1 or named[0] not in self.action.units:
            what = f"{safe(named[0], 80)!r} is none of its units" if len(named) == 1 else "which unit? one at a time"
            raise ActionError(f"{self.action.title}: {what}", f"ids=UNIT, one of {', '.join(self.action.units)}")
        return named[0]

    def _argv(self, unit: str) -> list[str]:
        return [*self.action.systemctl, self.action.do, unit]

    async def do(self, order: Order) -> Outcome:
        unit = self._unit(order.plan.request)
        if changed_since(order, {"argv": self._argv(unit)}):
            raise ActionError("the profile's command is no longer the previewed one", "take a new preview")
        before = await state_of(self.action.systemctl, unit)
        (target,) = order.plan.targets
        if (target.id, target.seen) != (unit, before.seen):
            raise ActionError(f"{unit} is not as it was seen: it is {before.words}", "take a new preview")
        ran = await streamed(self._argv(unit), self.action.timeout, order)
        await order.on_step("effect")
        after = await self._settled_down(unit, before, ran)
        await order.on_step("read back")
        return self._judged(order, unit, ran, before, after)

    async def _settled_down(self, unit: str, before: UnitState, ran: Ended) -> UnitState | None:
        """Its state once two looks agree that it is as it should be, or has failed; or when the time is over."""
        deadline = time.monotonic() + (WITHIN_S if ran.code == 0 else 0.0)
        last: UnitState | None = None
        while True:
            now = await self._look(unit)
            happened, steady = now is not None and self._happened(before, now), now is not None and now == last
            if steady and (happened or (now and now.active == "failed")):
                return now
            if time.monotonic() > deadline and (steady or not happened):
                return now
            last = now
            await asyncio.sleep(STEADY_S)

    async def _look(self, unit: str) -> UnitState | None:
        try:
            return await state_of(self.action.systemctl, unit)
        except (SourceError, ActionError):
            return None  # nobody answers, or it is gone

    def _is_so(self, state: UnitState) -> bool:
        return state.active == "active" if self.action.do != "stop" else state.active in ("inactive", "failed")

    def _happened(self, before: UnitState, now: UnitState) -> bool:
        """Another invocation, not only the same state: a restart that did not take place looks active as well."""
        return self._is_so(now) and now.seen != before.seen

    def _judged(self, order: Order, unit: str, ran: Ended, before: UnitState, after: UnitState | None) -> Outcome:
        said = f": {ran.last}" if ran.last else ""
        look = f"look: {shlex.join([*self.action.systemctl, 'status', unit])}"
        how = "did not answer in time" if ran.code is None else f"exit code {ran.code}"
        if after is None:
            return order.outcome("unknown", None, f"{self._title}: {how}{said}; {unit} cannot be looked at", look)
        if self._happened(before, after):
            return order.outcome("done", 1, f"{self._title}: done, {unit} is {after.words} {after.since}".rstrip())
        if ran.code is None:
            return order.outcome("unknown", None, f"{self._title}: {how}; {unit} is {after.words}", look)
        if ran.code != 0 and after.seen == before.seen:
            message = f"{self._title}: {how}{said}; {unit} is {after.words} as before"
            return order.outcome("not applied", 0, message, look)
        return order.outcome("partial", 0, f"{self._title}: asked for{said}, but {unit} is {after.words}", look)
