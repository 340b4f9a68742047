"""The wall: one subject at a time in letters to be read from four metres; what fires stands still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.alerts import Alert
from services.readings import HealthValues, QueueValues
from tui.deck import Deck
from tui.screens.overview import in_words
from tui.screens.tiles import TILES
from tui.screens.view import Slot, ViewScreen
from widgets.alerts import valued
from widgets.big import big, big_words
from widgets.figures import age, figure, moment, share
from widgets.lines import Line, flow
from widgets.pane import Content, Pane


@dataclass(frozen=True)
class Card:
    """A headline in big letters, lines below it, and a title between; letters give way to the lines."""

    headline: str
    style: str
    below: tuple[Line, ...]
    title: str = ""

    def lines(self, width: int, height: int) -> Sequence[Line]:
        below = [row for line in self.below for row in flow(line, width)]
        head = next(found for found in self._sizes(width) if len(found) + 1 + len(below) <= height or len(found) < 3)
        return [*(((row, self.style),) for row in head), (), *below][:height]

    def _sizes(self, width: int) -> Iterator[tuple[str, ...]]:
        """The headline and what it is about, from the largest letters to none."""
        titled = (big_words(self.title, width, 2), big_words(self.title, width), (self.title,)) if self.title else ((),)
        for title in titled:
            for tall in (3, 2, 1):
                yield ("", *big(self.headline, width, tall), *(("", *title) if title else ()))
        yield (self.headline, self.title)


def state(deck: Deck) -> Card:
    """Everything in two words, and a line per subject."""
    early = deck.early
    unknown = [alert for alert in deck.alerts.unknown if alert.key not in early]
    said = tuple(((f"{title:<9} ", "dim"), *line) for title, line in in_words(deck).said)
    if not deck.alerts.by_key:
        return Card("NOT JUDGED", "unknown", said)
    return Card(f"{len(unknown)} UNKNOWN", "unknown", said) if unknown else _fine(deck, said)


def _fine(deck: Deck, said: tuple[Line, ...]) -> Card:
    """What cannot be judged yet is said; it is no trouble, and no all-clear either."""
    early = len(deck.early)
    return (
        Card("NO ALERT", "", (*said, ((f"{early} rules have seen too little yet", "dim"),)))
        if early
        else Card("ALL OK", "good", said)
    )


def alert(deck: Deck) -> Card:
    """The worst that fires, what to do about it, and what else fires."""
    worst, *others = deck.alerts.loud
    action = deck.profile.actions.get(worst.remedy)
    remedy = (f"{action.key}  {action.title}" if action.key else action.title) if action else "none in the profile"
    facts = (
        ("value", f"{valued(worst)[0]}, fires at {worst.threshold}{'' if worst.confirmed else ' (unconfirmed)'}"),
        ("since", f"{moment(worst.since)}, for {age(max(5.0, deck.wall - worst.since))}"),
        ("runbook", worst.runbook or "no section"),
        ("remedy", remedy),
    )
    below = [((f"{name:<9}", "dim"), (text, "bold")) for name, text in facts]
    if others:
        below.append(((f"and {len(others)} more: ", "dim"), (", ".join(map(_short, others)), "bad")))
    return Card(_short(worst), "bad", tuple(below), worst.title)


def _short(alert: Alert) -> str:
    """ "SEV3 24": what can be read from the door; a value that is not known is not a number."""
    value = valued(alert)[0]
    return f"{alert.severity} {value if value != '?' else ''}".strip() or alert.title


def waiting(deck: Deck) -> Card:
    """How deep the queue is."""
    values = deck.values("queue", QueueValues)
    if values is None or deck.vitals("queue").state not in ("fresh", "frozen"):
        return Card("QUEUE ?", "unknown", ((("the queue's state is unknown", "unknown"),),))
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
    if values.failing:
        return Card(f"API {values.failing} DOWN", "bad", below)
    return Card("API OK", "good", below)


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
        return alert(deck) if deck.alerts.loud else CARDS[self.turn % len(CARDS)](deck)

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(self.console.options.wall_cycle_s or 20.0, self._next)

    def _next(self) -> None:
        """On to the next subject; while something fires, nothing turns."""
        deck = self.console.deck
        if not deck.alerts.loud:
            self.turn += 1
            self.show(deck)
