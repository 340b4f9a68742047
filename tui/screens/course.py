"""One figure against time, with the thresholds of the rules that judge it."""

from __future__ import annotations

from collections.abc import Callable

from tui.deck import Deck
from tui.levels import limits, of_figure
from widgets.figures import share, span
from widgets.pane import Content
from widgets.plot import Plot


def course(kind: str, path: str, told: Callable[[float], str]) -> Callable[[Deck], Content]:
    """How a plot of the figure at `path` is made, of whichever source of this kind is looked at."""

    def plot(deck: Deck) -> Content:
        source = deck.source(kind)
        return Plot(
            deck.history.series(source, path), deck.at(kind), "", limits(deck, source, of_figure(path), told), told
        )

    return plot


def percent(value: float) -> str:
    return share(value)[0]


def seconds(value: float) -> str:
    return span(value)[0]
