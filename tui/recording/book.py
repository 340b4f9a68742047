"""The records as the console has them: looked at again and again in a thread, and appended to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.actions.identity import whoami
from services.errors import WatchdeckError
from services.procedures.verdict import State
from services.records import drill, form, incident_events, report, window
from services.records.event import Event
from services.records.incident import Incident
from services.records.kinds import incident_record
from services.records.listed import Listed
from services.records.listing import in_order, listed
from services.records.news import News
from services.records.store import Records
from services.records.timers import timers
from widgets.banner import Recorded
from widgets.figures import duration
from widgets.incidents import NAMES

if TYPE_CHECKING:
    from tui.app import Watchdeck

LOOK_S = 5.0
KINDS = (incident_events.KIND, drill.KIND, form.KIND, window.KIND, report.KIND)


class Book:
    def __init__(self, app: Watchdeck) -> None:
        self.incidents: tuple[Incident, ...] = ()
        self.problem = ""  # why the records cannot be read
        self._app = app
        self._records = Records.of(app.deck.profile)
        self._news = News(self._records, KINDS)
        self._turn = asyncio.Lock()
        self._busy = False
        self._typed: dict[str, str] = {}  # answers of the questions that are being asked
        self._drafts: dict[str, str] = {}  # those that could not be written
        self._newest = 0  # how often there was news
        self._listed: tuple[tuple[int, float], tuple[Listed, ...]] = ((-1, 0.0), ())
        self.session = f"{id(self):x}-{app.clock.wall():.0f}"  # of the stopwatches that are started here

    # -- what there is -----------------------------------------------------------------------------------------------

    @property
    def events(self) -> Mapping[str, Sequence[Event]]:
        return self._news.events

    def of(self, kind: str) -> Mapping[str, Sequence[Event]]:
        """Every record of a kind, the newest first."""
        return self._news.of(kind)

    def incident(self, id_: str) -> Incident | None:
        return next((one for one in self.incidents if one.id == id_), None)

    @property
    def under_way(self) -> tuple[Incident, ...]:
        return tuple(one for one in self.incidents if one.under_way)

    def listed(self, now: float) -> tuple[Listed, ...]:
        """Anew every ten seconds, and when anything was recorded. What is over stays as it was: that may be much."""
        told_of = (self._newest, now // 10)
        if self._listed[0] != told_of:
            over = {one.id: one for one in self._listed[1] if one.over}
            others = {id_: events for id_, events in self._news.events.items() if id_ not in over}
            self._listed = (told_of, in_order((*over.values(), *listed(self._app.deck.profile, others, now))))
        return self._listed[1]

    def tick(self, now: float) -> None:
        """Some time later: what the banner says."""
        self._app.recorded = self.recorded(now // 60 * 60)

    # -- looking -----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            await self.look()
            await self._app.clock.sleep(LOOK_S)

    async def look(self) -> None:
        """That it cannot be read is said once, and known where the records would stand."""
        async with self._turn:
            try:
                news = await asyncio.to_thread(self._look)
            except WatchdeckError as error:
                if error.message != self.problem:
                    self._app.say(error.message, "bad")
                self.problem = error.message
                return
            self.problem = ""
        if news:
            self.tick(self._app.clock.wall())
            if screen := self._app.front:
                screen.show(self._app.deck)
                self._app.tell_banner(screen)

    def _look(self) -> bool:
        """In a thread, also what is added up: an incident may have become long."""
        if not self._news.look():
            return False
        self.incidents = incident_events.incidents(self._news.of(incident_events.KIND))
        self._newest += 1
        return True

    # -- writing -----------------------------------------------------------------------------------------------------

    def begin(self, work: Coroutine[Any, Any, object], what: str) -> None:
        """Ask and append beside the keys, one at a time. A console that is read-only records nothing."""
        if self._app.options.read_only or self._busy:
            work.close()
            if self._app.options.read_only:
                self._app.say("this console is read-only: nothing is recorded from it", "bad")
            return
        self._busy = True  # at once: a second key may be handled before the worker's first step
        self._app.background(self._carried(work), "record", what)

    async def _carried(self, work: Coroutine[Any, Any, object]) -> None:
        self._typed = {}
        try:
            await work
        except WatchdeckError as error:
            self._drafts |= self._typed
            kept = ", what you typed is kept" if self._typed else ""
            self._app.say(f"not recorded{kept}: {error}".replace("\n  ->", ":"), "bad")
        else:
            self._drafts = {asked: said for asked, said in self._drafts.items() if asked not in self._typed}
        finally:
            self._busy = False

    def typed(self, question: str, answer: str) -> str:
        """Kept until it is written: where the disk is full, the same key brings it back."""
        self._typed[question] = answer
        return answer

    def draft(self, question: str, value: str) -> str:
        """What was answered to it before and could not be written, else this value."""
        return self._drafts.get(question, value)

    async def open(self, kind: str, of: str, title: str, **body: Any) -> str:
        """The id of the new record. WatchdeckError when it cannot be written."""
        wall = self._app.clock.wall()
        made = await asyncio.to_thread(self._records.open, kind, of, title, str(whoami()), wall, **body)
        await self.look()
        return made

    async def append(self, record: str, what: str, **body: Any) -> None:
        wall = self._app.clock.wall()
        await asyncio.to_thread(self._records.append, record, what, str(whoami()), wall, body)
        await self.look()

    # -- in the banner -----------------------------------------------------------------------------------------------

    def recorded(self, now: float) -> Recorded | None:
        """Windows that were forgotten before timers that ran out, then gates that do not hold, then incidents."""
        forgotten = [one for one in self.listed(now) if one.kind == window.KIND and one.loud]
        told = [_told(self._app, one, now) for one in self.under_way]
        found = [Recorded("WINDOW NOT CLOSED", "WINDOW!", True) for _ in forgotten]
        found += [one for one in told if one.late]
        found += [_GATES[one.state](one.title) for one in self._app.paperwork.relied_on() if one.state in _GATES]
        found += [one for one in told if not one.late]
        if not found:
            return None
        more = f" +{len(found) - 1}" if found[1:] else ""
        return replace(found[0], words=f"{found[0].words}{more}")


_GATES: Mapping[State, Callable[[str], Recorded]] = MappingProxyType(
    {
        "fails": lambda title: Recorded(f"GATE RED: {title}", "GATE!"),
        "unknown": lambda title: Recorded(f"GATE UNKNOWN: {title}", "GATE?"),
    }
)


def _told(app: Watchdeck, it: Incident, now: float) -> Recorded:
    """Of one incident: "SEV2 update in 12 m"; what is late is said in capitals."""
    severities = incident_record(app.deck.profile, it.of).severities
    name = it.severity or "INCIDENT"
    due = [timer for timer in timers(it, severities) if timer.due is not None and timer.name != "close"]
    if not due:
        return Recorded(f"{name} {it.state}", name)
    first = min(due, key=lambda timer: timer.due or 0.0)
    what = NAMES[first.name]
    left = (first.due or now) - now
    if left < 0:
        return Recorded(f"{name} {what} {_span(-left)} LATE", f"{name}!", True)
    return Recorded(f"{name} {what} in {_span(left)}", name)


def _span(seconds: float) -> str:
    return duration(max(60.0, seconds - seconds % 60))
