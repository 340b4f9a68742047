"""The wall: one subject at a time in letters that are read from four metres; what fires stays until it is over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.readings import HealthValues, QueueValues
from tui.deck import Deck
from tui.screens.overview import TILES, in_words
from tui.screens.view import Slot, ViewScreen
from widgets.big import big
from widgets.figures import figure, share
from widgets.lines import Line
from widgets.pane import Content, Pane


@dataclass(frozen=True)
class Card:
    """A headline in big letters, and lines below it."""

    headline: str
    style: str
    below: tuple[Line, ...]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        head = [((row, self.style),) for row in big(self.headline, width)]
        if len(head) + 2 > height:
            head = [((self.headline, self.style),)]
        return ([(), *head, (), *self.below])[:height]


def state(deck: Deck) -> Card:
    """Everything in two words, and a line per subject."""
    firing, unknown = deck.alerts.firing, deck.alerts.unknown
    said = tuple(((f"{title:<9} ", "dim"), *line) for title, line in in_words(deck).said)
    if firing:
        return Card(f"{len(firing)} FIRING", "bad", said)
    return Card(f"{len(unknown)} UNKNOWN", "unknown", said) if unknown else Card("ALL OK", "good", said)


def alert(deck: Deck, which: int) -> Card:
    """One firing rule, and what to do about it."""
    found = deck.alerts.firing[which]
    action = deck.profile.actions.get(found.remedy)
    remedy: tuple[Line, ...] = ((("remedy: ", "dim"), (action.title, "bold")),) if action else ()
    return Card(
        f"{found.severity} {figure(found.value)[0]}".strip(),
        "bad",
        (((found.title, "bad"),), ((f"fires at {found.threshold}", "dim"),), *remedy),
    )


def waiting(deck: Deck) -> Card:
    """How deep the queue is."""
    values = deck.values("queue", QueueValues)
    if values is None:
        return Card("?", "unknown", ((("the queue is unknown", "unknown"),),))
    below = (
        ((figure(values.total.running)[0], "bold"), (" running", "")),
        ((share(values.total.failure_rate)[0], "bold"), (" of ended jobs failed", "")),
        ((figure(values.stale_count)[0], "bold"), (" stale locks", "")),
    )
    return Card(f"{figure(values.total.waiting)[0]} WAIT", "bold", below)


def healthy(deck: Deck) -> Card:
    values = deck.values("http", HealthValues)
    if values is None or deck.vitals("http").state not in ("fresh", "frozen"):
        return Card("API ?", "unknown", ((("its state is unknown", "unknown"),),))
    below: tuple[Line, ...] = tuple(
        ((("● " if check.ok else "✖ ") + check.path, "good" if check.ok else "bad"),) for check in values.checks
    )
    return Card(
        "API OK" if not values.failing else f"API {values.failing} DOWN", "bad" if values.failing else "good", below
    )


CARDS = (state, waiting, healthy)


class Wall(ViewScreen):
    view, named = "wall", "Wall"
    DEFAULT_CSS = """
    Wall #footer { display: none; }
    Wall #status { display: none; }
    """

    def __init__(self) -> None:
        self.turn = 0
        super().__init__()

    def make(self) -> Iterator[Slot]:
        yield Slot(Pane("Wall", id="wall"), "", self._card, tuple(tile.kind for tile in TILES))

    def _card(self, deck: Deck) -> Content:
        """While something fires, only that is shown: the rules in turn, and how everything stands."""
        firing = len(deck.alerts.firing)
        if firing:
            at = self.turn % (firing + 1)
            return state(deck) if at == firing else alert(deck, at)
        return CARDS[self.turn % len(CARDS)](deck)

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(self.console.options.wall_cycle_s or 20.0, self._next)

    def _next(self) -> None:
        self.turn += 1
        self.show(self.console.deck)
