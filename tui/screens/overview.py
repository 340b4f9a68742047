"""1 Overview: everything that is wrong, at a glance, with the key that puts it right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from services.readings import (
    AuditValues,
    FlagsValues,
    HealthValues,
    PostgresValues,
    QueueValues,
    ReaperValues,
    RunsValues,
    StorageValues,
)
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen
from widgets import alerts, audit, database, failures, flags, health, locks, queues, runs, storage
from widgets.lines import Line
from widgets.pane import Content, Lines, Pane


def firing(deck: Deck) -> Lines:
    """What fires, and behind each the key of its remedy."""
    rows = list(alerts.summary(deck.alerts, deck.wall).rows)
    for alert in deck.alerts.firing:
        action = deck.profile.actions.get(alert.remedy)
        if action and action.key:
            at = next((n for n, row in enumerate(rows) if alert.title in "".join(text for text, _ in row)), None)
            if at is not None:
                rows[at] = ((f"{action.key} ", "accent"), *rows[at])
    return Lines(tuple(rows))


def jobs(deck: Deck) -> Lines | None:
    depth = deck.series("queue", "total.waiting")
    paused = deck.values("flags", FlagsValues)
    return deck.made("queue", QueueValues, lambda values: queues.summary(values, paused, depth))


def stale(deck: Deck) -> Lines | None:
    return deck.made(
        "queue",
        QueueValues,
        lambda values: locks.summary(values, deck.values("reaper", ReaperValues), deck.at("reaper")),
    )


def failing(deck: Deck) -> Lines | None:
    return deck.made("queue", QueueValues, lambda values: failures.summary(values, deck.at("queue")))


def api(deck: Deck) -> Lines | None:
    return deck.made("http", HealthValues, lambda values: health.summary(values))


def bucket(deck: Deck) -> Lines | None:
    return deck.made("s3", StorageValues, lambda values: storage.summary(values, deck.at("s3")))


def processing(deck: Deck) -> Lines | None:
    return deck.made("runs", RunsValues, lambda values: runs.summary(values))


def server(deck: Deck) -> Lines | None:
    return deck.made("postgres", PostgresValues, lambda values: database.summary(values))


def switches(deck: Deck) -> Lines | None:
    return deck.made("flags", FlagsValues, lambda values: flags.summary(values, deck.at("flags")))


def deeds(deck: Deck) -> Lines | None:
    return deck.made("audit", AuditValues, lambda values: audit.summary(values, deck.at("audit")))


def types(deck: Deck) -> Content | None:
    values = deck.values("queue", QueueValues)
    if values is None:
        return None
    depths = {kind.type: deck.series("queue", f"types.{kind.type}.waiting") for kind in values.types}
    return queues.types(values, deck.values("flags", FlagsValues), depths)


@dataclass(frozen=True)
class Tile:
    title: str
    kind: str
    draw: Callable[[Deck], Lines | None]
    also: tuple[str, ...] = ()


TILES = (
    Tile("Alerts", "", firing),
    Tile("Jobs", "queue", jobs, ("flags",)),
    Tile("Locks", "queue", stale, ("reaper",)),
    Tile("Failures", "queue", failing),
    Tile("API", "http", api),
    Tile("Storage", "s3", bucket),
    Tile("Runs", "runs", processing),
    Tile("Database", "postgres", server),
    Tile("Flags", "flags", switches),
    Tile("Actions", "audit", deeds),
)


@dataclass(frozen=True)
class InWords:
    """One line per subject, for a screen that has no room for tiles."""

    said: tuple[tuple[str, Line], ...]

    def lines(self, width: int, height: int) -> Sequence[Line]:
        return [((f"{title:<9} ", "dim"), *row) for title, row in self.said][:height]


def in_words(deck: Deck) -> InWords:
    said: list[tuple[str, Line]] = []
    for tile in TILES:
        drawn = tile.draw(deck)
        vitals = deck.vitals(tile.kind) if tile.kind else None
        if vitals and vitals.state in ("failed", "loading", "not configured"):
            said.append((tile.title, ((" · ".join(filter(None, (vitals.state, vitals.reason))), vitals.style),)))
        elif drawn and drawn.rows:
            late: Line = ((" (stale)", "warn"),) if vitals and vitals.state == "stale" else ()
            said.append((tile.title, (*drawn.rows[0], *late)))
    return InWords(tuple(said))


class Overview(ViewScreen):
    view, named = "overview", "Overview"
    DEFAULT_CSS = """
    Overview #tiles { layout: grid; grid-size: 3; grid-gutter: 0 1; height: 3fr; }
    Overview.-narrow #tiles { grid-size: 2; height: 1fr; }
    Overview #types { height: 13; }
    Overview #words { display: none; }
    Overview #actions-tile { display: none; }
    Overview.-narrow #actions-tile { display: block; }
    Overview.-narrow #types { display: none; }
    Overview.-words #tiles { display: none; }
    Overview.-words #words { display: block; }
    """

    def make(self) -> Iterator[Slot]:
        for tile in TILES:
            yield Slot(Pane(tile.title, id=f"{tile.title.lower()}-tile"), tile.kind, tile.draw, tile.also)
        yield Slot(Pane("Queue", id="types"), "queue", types, ("flags",))
        yield Slot(Pane("In words", id="words"), "", in_words, tuple(tile.kind for tile in TILES))

    def body(self) -> ComposeResult:
        tiles, (*_, queue, words) = self.slots[: len(TILES)], self.slots
        with Container(id="tiles"):
            yield from (slot.pane for slot in tiles)
        yield queue.pane
        yield words.pane

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        width, height = event.size
        self.set_class(width < 100 or height < 34, "-narrow")
        self.set_class(width < 60 or height < 18, "-words")
