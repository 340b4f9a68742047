"""Telling: what is due goes out and is written down, so that it does not go out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from services.alerts import Alerts
from services.state import Saved, State, kept
from services.watching import meanwhile, notices
from services.watching.notices import Notice
from services.watching.quiet import Spell
from services.watching.resume import shifted_alert

Hear = Callable[[tuple[Notice, ...]], None]


class Telling:
    """What was told, and what is kept for the end of a silence."""

    def __init__(self) -> None:
        self.hear: Hear = lambda notices: None
        self._told = notices.NOTHING
        self._meanwhile = meanwhile.NOTHING
        self._again: tuple[Notice, ...] = ()  # of the run before, perhaps not delivered

    def go_on(self, saved: Saved) -> None:
        self._told, self._meanwhile, self._again = saved.told, saved.meanwhile, saved.notices

    def shift(self, by: float) -> None:
        """The machine's clock was set."""
        told = {key: replace(one, alert=shifted_alert(one.alert, by)) for key, one in self._told.items()}
        self._told = MappingProxyType(told)

    def note(self, alerts: Alerts, state: State, wall: float) -> None:
        """What happens in silence; also while nothing may be told."""
        before, self._meanwhile = self._meanwhile, meanwhile.noted(self._meanwhile, alerts, wall)
        if self._meanwhile is not before:
            state.keep(*kept.meanwhile(before, self._meanwhile, wall))

    def tell(self, alerts: Alerts, spells: tuple[Spell, ...], state: State, wall: float) -> None:
        summaries = self._summaries(spells, state, wall)
        found, told = notices.due(alerts, self._told, wall)
        if told is not self._told:
            state.keep(*kept.told(self._told, told, wall))
            self._told = told
        state.keep(kept.notices((*summaries, *found)))
        out, self._again = (*self._again, *summaries, *found), ()
        if out:
            self.hear(out)

    def _summaries(self, spells: tuple[Spell, ...], state: State, wall: float) -> tuple[Notice, ...]:
        over = dict(meanwhile.over(self._meanwhile, spells))
        if over:
            before = self._meanwhile
            left = {spell: news for spell, news in before.items() if spell not in over}
            self._meanwhile = MappingProxyType(left)
            state.keep(*kept.meanwhile(before, self._meanwhile, wall))
        return tuple(notices.summary(spell, news, wall) for spell, news in over.items())
