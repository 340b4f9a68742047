"""Escalation: by the kind of trouble, whom to call first and whom then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from widgets.escalation import Call, escalation
from widgets.pane import Content

if TYPE_CHECKING:
    from services.profile import Profile


def calls(profile: Profile) -> tuple[Call, ...]:
    return tuple(Call(name, one.title, one.first, one.then, one.contact) for name, one in profile.escalation.items())


class Escalation(ViewScreen):
    view, named = "escalation", "Escalation"
    hints = (("filter", "filter"), ("copy", "copy"), ("incident", "incident"))

    def make(self) -> Iterator[Slot]:
        yield Slot(table("Whom to call", "calls"), "", self._calls)

    def _calls(self, deck: Deck) -> Content:
        return escalation(calls(deck.profile))
