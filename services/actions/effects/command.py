"""Runs a program of the profile's: an argument list, no shell, and its exit code is its word."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.actions.effects.check import checked_after, in_words
from services.actions.effects.choices import insist_listed
from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside, changed_since
from services.actions.effects.streamed import Ended, streamed
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.params import argument, checked
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.profile import CommandAction, Profile
from services.text import safe


class Command(Outside):
    def __init__(self, profile: Profile, action_id: str, action: CommandAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action

    async def look_up(self, request: Request, site: Site) -> Found:
        if why := self.obstacle():
            raise ActionError(f"{self.action.title}: {why}", "install it, or write its whole path into the profile")
        values = self._values(request)
        await insist_listed(self.action, values)
        argv, check = self._argv(self.action.argv, values), self._argv(self.action.post_check, values)
        return Found(
            targets=(Target(id=self.id, label=" ".join(values.values()) or self.action.title, state=site.name),),
            matching=1,
            changes=(f"runs {safe(shlex.join(argv), 400)}",),
            reversible=False,
            noun="command",
            name=self.id,
            warnings=() if check else ("nothing checks afterwards whether it worked: see its output",),
            detail=self._detail(argv, check),
        )

    def _detail(self, argv: list[str], check: list[str]) -> dict[str, Any]:
        return {"argv": argv, "check": check, "directory": self.action.directory, "env": dict(self.action.env)}

    def obstacle(self) -> str:
        program, folder = self.action.argv[0], self.action.directory
        if folder and not Path(folder).is_dir():
            return f"there is no folder {safe(folder, 200)}"
        found = shutil.which(str(Path(folder, program)) if "/" in program else program)
        return "" if found else f"there is no program {safe(program, 200)}"

    def hint(self, record: Record) -> str:
        return self.action.look or f"whether {safe(self.action.argv[0], 200)} runs, and at what it changes"

    def _values(self, request: Request) -> dict[str, str]:
        return checked(self.action.title, request, self.action.params)

    def _argv(self, parts: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
        return [argument(self.action.title, values, part) for part in parts]

    async def do(self, order: Order) -> Outcome:
        """What is run is what the profile says now, with the settings of the plan; its own argv is only shown."""
        values = self._values(order.plan.request)
        argv, check = self._argv(self.action.argv, values), self._argv(self.action.post_check, values)
        if changed_since(order, self._detail(argv, check)):
            raise ActionError("the profile's command is no longer the previewed one", "take a new preview")
        ran = await streamed(argv, self.action.timeout, order, self.action.directory, self.action.env)
        await order.on_step("effect")
        holds = await checked_after(check, order, self.action.directory, self.action.env)
        await order.on_step("read back")
        return self._judged(order, ran, holds)

    def _judged(self, order: Order, ran: Ended, holds: bool | None) -> Outcome:
        """`holds`: what the check afterwards says, None where there is none or it could not be asked."""
        said = f": {ran.last}" if ran.last else ""
        checked = in_words(holds) if self.action.post_check else ""
        look = f"look: {self.action.look or 'at its output, and at what it changes'}"
        if ran.code is None:
            message = f"{self._title}: ended by us after {ran.took_s:.0f} s{said}{checked}"
            return order.outcome("unknown", None, message, look)
        if ran.code != 0:
            return order.outcome("partial", None, f"{self._title}: {_how(ran.code)}{said}{checked}", look)
        if holds is False:
            return order.outcome("partial", None, f"{self._title}: it ended well{said}{checked}", look)
        if holds is None and self.action.post_check:
            return order.outcome("unknown", None, f"{self._title}: it ended well{said}{checked}", look)
        return order.outcome("done", 1, f"{self._title}: done in {ran.took_s:.1f} s{said}{checked}")


def _how(code: int) -> str:
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"
