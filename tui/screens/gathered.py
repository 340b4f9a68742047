"""A pane made of all the sources of several kinds: how it is doing is how they are doing together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.readings import SourceState
from tui.deck import Deck
from tui.screens.view import Slot
from widgets.vitals import Vitals

if TYPE_CHECKING:
    from services.profile import Profile


def states(deck: Deck, *kinds: str) -> list[SourceState]:
    """Of every source of these kinds, in the profile's order."""
    found = (deck.snapshot.get(name) for name, source in deck.profile.sources.items() if source.kind in kinds)
    return [state for state in found if state is not None]


@dataclass(frozen=True)
class Gathered(Slot):
    """`kind` is left empty, so that it is drawn at every reading; the rows say which source does not answer."""

    kinds: tuple[str, ...] = ()

    def concerns(self, profile: Profile) -> bool | None:
        return any(source.kind in self.kinds for source in profile.sources.values()) if self.kinds else None

    def vitals(self, deck: Deck) -> Vitals:
        found = states(deck, *self.kinds)
        if not found:
            return Vitals("not configured", reason=f"no source of kind {', '.join(self.kinds)} in this profile")
        if deck.frozen:
            return Vitals("frozen", min((state.age_s(deck.mono) or 0.0 for state in found), default=0.0))
        told = [Vitals.of(state, deck.mono) for state in found]
        if len(found) == 1:
            return told[0]
        if any(vitals.state == "fresh" for vitals in told):
            silent = sum(vitals.state in ("stale", "failed") for vitals in told)
            return Vitals("still", note=f"{silent} of {len(told)} do not answer" if silent else "")
        return next((vitals for vitals in told if vitals.state in ("stale", "failed")), told[0])
