"""Puts another version in place, component by component, and believes the instances, not the commands."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import time

from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside, changed_since
from services.actions.effects.rollout.look import looked
from services.actions.effects.streamed import streamed
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.profile import Profile, RolloutAction
from services.profile.releases import Stage
from services.rollout import Rollout
from services.text import safe

EVERY_S = 1.0  # between two looks at the instances


class RollOut(Outside):
    def __init__(self, profile: Profile, action_id: str, action: RolloutAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action
        self.lasts_s = len(action.stages) * (action.timeout + 30.0) + 60.0

    async def look_up(self, request: Request, site: Site) -> Found:
        if request.args:
            raise ActionError(f"unknown setting {sorted(request.args)[0]!r}", "there are none")
        if why := self.obstacle():
            raise ActionError(f"{self._title}: {why}", "install it, or write its whole path into the profile")
        now = await looked(self.profile, (stage.release for stage in self.action.stages.values()))
        targets = [_target(name, stage, now[stage.release]) for name, stage in self.action.stages.items()]
        return Found(
            targets=tuple(targets),
            matching=len(targets),
            noun="stage",
            name=self.id,
            changes=tuple(f"runs {safe(shlex.join(stage.argv), 300)}" for stage in self.action.stages.values()),
            reversible=False,
            warnings=("each stage waits for its instances; one that fails ends it, and those before it stay done",),
            detail=self._detail(),
        )

    def _detail(self) -> dict[str, list[str]]:
        return {name: [stage.release, *stage.argv] for name, stage in self.action.stages.items()}

    def obstacle(self) -> str:
        programs = (stage.argv[0] for stage in self.action.stages.values())
        lacking = next((program for program in programs if shutil.which(program) is None), "")
        return f"there is no program {safe(lacking, 200)}" if lacking else ""

    def hint(self, record: Record) -> str:
        return "the view `releases`: which versions the instances are"

    async def do(self, order: Order) -> Outcome:
        if changed_since(order, self._detail()):
            raise ActionError("the profile's stages are no longer the previewed ones", "take a new preview")
        done: list[str] = []
        for name, stage in self.action.stages.items():
            if order.stop.is_set():
                return self._broken(order, done, f"stopped before {stage.title}")
            await order.on_line(f"{stage.title}: {safe(shlex.join(stage.argv), 200)}")
            if why := await self._put(order, stage):
                return self._broken(order, done, f"{stage.title}: {why}", begun=True)
            done.append(name)
        await order.on_step("effect")
        now = await looked(self.profile, (stage.release for stage in self.action.stages.values()))
        await order.on_step("read back")
        wrong = [one for one in now.values() if one.state != "complete"]
        if wrong:
            return self._broken(order, done, f"{wrong[0].title} again: {wrong[0].said}", begun=True)
        said = "; ".join(f"{one.title}: {one.said}" for one in now.values())
        return order.outcome("done", len(done), f"{self._title}: {said}")

    async def _put(self, order: Order, stage: Stage) -> str:
        """Why it is not done; empty when every instance says so."""
        began = time.monotonic()
        ran = await streamed(stage.argv, self.action.timeout, order)
        if ran.code != 0:
            how = "it was ended by us" if ran.code is None else f"exit code {ran.code}"
            return f"{how}{f': {ran.last}' if ran.last else ''}"
        said = ""
        while True:
            now = (await looked(self.profile, (stage.release,)))[stage.release]
            if now.state == "complete":
                await order.on_line(f"{stage.title}: {now.said}")
                return ""
            if order.stop.is_set() or time.monotonic() - began > self.action.timeout:
                return f"{now.said} after {time.monotonic() - began:.0f} s"
            if now.said != said:
                await order.on_line(f"{stage.title}: {(said := now.said)}")
            await asyncio.sleep(EVERY_S)

    def _broken(self, order: Order, done: list[str], why: str, begun: bool = False) -> Outcome:
        if not done and not begun:
            return order.outcome("not applied", 0, f"{self._title}: {why}")
        before = f"; done before: {', '.join(self.action.stages[name].title for name in done)}" if done else ""
        return order.outcome("partial", len(done), f"{self._title}: {why}{before}", f"look: {self.hint({})}")


def _target(name: str, stage: Stage, now: Rollout) -> Target:
    versions = ", ".join(f"{count} x {version}" for version, count in now.versions) or "no version known"
    return Target(id=name, label=stage.title, state=safe(versions, 100), note=safe(now.said, 200))
