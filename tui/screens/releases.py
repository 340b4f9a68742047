"""Releases, by name: how far each has come, its instances, the versions seen to change, and the gates of a deploy."""

from __future__ import annotations

from collections.abc import Iterator

from services.procedures.judged import judge
from services.records.timeline import of_deploys
from services.releases import rollouts
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from widgets import releases
from widgets.pane import Content, Lines, Pane

SHOWN = 50  # deploys


class Releases(ViewScreen):
    view, named = "releases", "Releases"
    reads_records = True
    effects = ("rollout",)
    hints = (("act.all", "roll back"), ("runbook", "runbook"), ("filter", "filter"), ("sort", "sort"))
    DEFAULT_CSS = """
    Releases #components { height: 5; }
    Releases.-tall #components { height: 8; }
    Releases #gates { height: 4; }
    Releases.-tall #gates { height: 9; }
    Releases #deploys { height: 5; }
    Releases.-tall #deploys { height: 9; }
    """

    def make(self) -> Iterator[Slot]:
        self.components = table("Components", "components")
        yield Slot(self.components, "", self._components)
        yield Slot(Pane("Its instances", id="instances"), "", self._instances)
        yield Slot(Pane("Gates", id="gates", classes="second"), "", self._gates)
        seen = table("Versions seen to change", "deploys")
        seen.add_class("second")
        yield Slot(seen, "", self._deploys)

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        """Once a second is enough: it is made of several sources."""
        if sources is None:
            super().show(deck)

    def _components(self, deck: Deck) -> Content:
        kept = self.console.paperwork.kept
        return releases.releases(rollouts(deck.profile, deck.snapshot, deck.mono, kept.deploys), deck.wall)

    def _instances(self, deck: Deck) -> Content:
        row = self.components.selected
        return releases.detail(row.data) if row else Lines(())

    def _gates(self, deck: Deck) -> Content:
        seen = self.console.paperwork.seen(deck)
        return releases.Gates([judge(id_, seen) for id_, one in deck.profile.procedures.items() if one.gate])

    def _deploys(self, deck: Deck) -> Content:
        return releases.deploys([*of_deploys(self.console.paperwork.kept.deploys)][:SHOWN], deck.wall)

    def runbook(self, deck: Deck) -> str:
        row = self.components.selected
        found = deck.profile.releases.get(row.key) if row else None
        return found.runbook if found else ""

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)
