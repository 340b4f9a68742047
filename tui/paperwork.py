"""What people did and wrote down, as last read from the disk, and what procedures say by it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.actions.identity import whoami
from services.procedures import judged
from services.procedures.due import dues, overdue
from services.procedures.kept import UNREAD, Kept, read, stamp
from services.procedures.merged import merged
from services.procedures.running import Running
from services.procedures.seen import Seen
from services.procedures.verdict import Judged, JudgedStep
from services.records.run import Run
from services.records.store import Records

if TYPE_CHECKING:
    from services.procedures.timer import Due
    from services.profile import Profile
    from tui.app import Watchdeck
    from tui.deck import Deck

RELIED_S = 3600.0  # so long after a gate was passed somebody acts on it
QUIET_S = 60.0  # between two looks, while nobody looks at it


class Paperwork:
    """Read in a thread, now and then; every console on the machine writes into the same files."""

    def __init__(self, app: Watchdeck) -> None:
        self._app = app
        self.kept: Kept = UNREAD
        self.drill = ""  # the run that is played here; "" else
        self._read_at: float | None = None
        self._reading = False
        self._stamp: tuple[object, ...] = ()

    # -- reading -----------------------------------------------------------------------------------------------------

    def tick(self, watched: bool) -> None:
        """Some time later. `watched`: somebody looks at it now."""
        now = self._app.clock.mono()
        due = self._read_at is None or watched or now - self._read_at >= QUIET_S
        if due and not self._reading:
            self._app.background(self.read(), "paperwork", "reading the records")

    async def read(self) -> None:
        self._reading = True
        try:
            await asyncio.to_thread(self._read, self._app.deck.profile)
        finally:
            self._reading = False
            self._read_at = self._app.clock.mono()
        self._app.lookout.note_overdue(overdue(self.dues(self._app.deck)))

    def _read(self, profile: Profile) -> None:
        """Nothing new is not read again: the record of actions may have become long."""
        now = stamp(profile)
        if now != self._stamp:
            self.kept, self._stamp = read(profile), now

    # -- what is said by it ------------------------------------------------------------------------------------------

    def seen(self, deck: Deck, began: float | None = None) -> Seen:
        return Seen(deck.profile, deck.snapshot, deck.alerts, deck.mono, self._app.clock.wall(), self.kept, began)

    def judged(self, deck: Deck, procedure: str, began: float | None = None) -> Judged:
        return judged.judge(procedure, self.seen(deck, began))

    def judged_step(self, deck: Deck, run: Run, step: str) -> JudgedStep:
        found = deck.profile.procedures[run.of].steps[step]
        return judged.judge_step(step, found, self.seen(deck, run.at))

    async def gate(self, action: str) -> Judged | None:
        """How the gate of this action stands now, also by what was recorded a moment ago; None where it has none."""
        name = self._app.deck.profile.actions[action].gate
        if not name:
            return None
        await self.read()
        return self.judged(self._app.lookout.latest, name)  # a frozen screen opens no gate

    def relied_on(self) -> tuple[Judged, ...]:
        """Gates that somebody goes by: one is gone through now, or was within the hour."""
        deck, wall = self._app.lookout.latest, self._app.clock.wall()
        gates = [id_ for id_, one in deck.profile.procedures.items() if one.gate]
        passed = {id_ for id_ in gates if (end := self.kept.passed.get(id_)) and wall - end.at <= RELIED_S}
        return tuple(self.judged(deck, id_) for id_ in gates if id_ in passed or self.under_way(id_))

    def dues(self, deck: Deck) -> tuple[Due, ...]:
        return dues(deck.profile, self.kept, self._app.clock.wall())

    def under_way(self, procedure: str) -> Run | None:
        """The run to go on with: what is played here, or what is meant."""
        played = self.kept.find(self.drill)
        return played if played and played.of == procedure and not played.ended else self.kept.under_way(procedure)

    def run(self, record: str) -> Run | None:
        found = self.kept.find(record)
        return merged(found, self._app.deck.profile.procedures.get(found.of)) if found else None

    # -- writing -----------------------------------------------------------------------------------------------------

    @property
    def hand(self) -> Running:
        """Whoever sits here."""
        profile = self._app.deck.profile
        return Running(profile, Records.of(profile), str(whoami()), self._app.clock.wall)
