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
from tui.places import key_of, view_of
from tui.screens.view import Slot, ViewScreen
from widgets import alerts, audit, database, endpoints, failures, flags, health, locks, queues, runs, storage
from widgets.lines import Line
from widgets.pane import Content, Lines, Pane
from widgets.verdict import Grade, grade_of, verdict


def firing(deck: Deck) -> Lines:
    """What fires, and before each the key that goes on from there."""
    head, *rows = alerts.summary(deck.alerts, deck.wall, deck.early).rows
    for at, alert in enumerate(deck.alerts.loud):
        rows[at] = ((f"{key_of(deck, alert) or ':'} ", "accent"), *rows[at])
    return Lines((head, *rows, *((overdue(deck),) if deck.overdue else ())))


def overdue(deck: Deck) -> Line:
    """What comes round and was not done in time: the longest overdue by name."""
    first, *more = deck.overdue
    return verdict("warn", f"overdue: {first.title}{f' and {len(more)} more' if more else ''}")


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
    made = deck.made("http", HealthValues, lambda values: health.summary(values))
    counted = next(iter(deck.endpoints.values()), None)
    return Lines((*made.rows, endpoints.summary(counted))) if made and counted else made


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
    return queues.types(values, deck.values("flags", FlagsValues), depths, deck.at("flags"))


@dataclass(frozen=True)
class Tile:
    title: str
    kind: str
    how: Callable[[Deck], Lines | None]
    view: str  # where Enter goes
    also: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()  # the views whose alerts are about this tile, where they are not its own

    def draw(self, deck: Deck) -> Lines | None:
        made = self.how(deck)
        return Lines((self._judged(deck, made.rows[0]), *made.rows[1:])) if made and made.rows and self.kind else made

    def _judged(self, deck: Deck, said: Line) -> Line:
        """The verdict of the rules, where there are any about this: they decide, the tile's own eye only hints."""
        grade, words = grade_of(said), "".join(text for text, _ in said[1:])
        if grade is None:
            return said
        about = [alert for alert in deck.alerts if view_of(deck, alert) in (self.judged or (self.view,))]
        early = deck.early
        states = {alert.state for alert in about if alert.key not in early}
        if first := next((alert for alert in deck.alerts.loud if alert in about), None):
            return said if grade == "bad" else verdict("bad", first.title)
        if grade == "bad" and about:
            return verdict("warn", words)
        if grade == "good" and deck.vitals(self.kind).state == "stale":
            return verdict("unknown", f"last known: {words}")
        if grade == "good" and "pending" in states:
            return verdict("warn", next(f"{alert.title}: pending" for alert in about if alert.state == "pending"))
        return verdict("unknown", words) if grade == "good" and "unknown" in states else said


TILES = (
    Tile("Alerts", "", firing, "alerts"),
    Tile("Jobs", "queue", jobs, "queues", ("flags",), ("queues", "failures")),
    Tile("Locks", "queue", stale, "locks", ("reaper",)),
    Tile("Failures", "queue", failing, "failures"),
    Tile("API", "http", api, "api"),
    Tile("Storage", "s3", bucket, "storage"),
    Tile("Runs", "runs", processing, "runs"),
    Tile("Database", "postgres", server, "database"),
    Tile("Flags", "flags", switches, "flags"),
    Tile("Actions", "audit", deeds, "audit"),
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
    if deck.overdue:
        said.append(("Overdue", overdue(deck)))
    # what is cut off at the end is what is well
    said[1:] = sorted(said[1:], key=lambda one: _URGENCY.index(grade_of(one[1])) if grade_of(one[1]) else 0)
    return InWords(tuple(said))


_URGENCY: tuple[Grade | None, ...] = ("bad", "warn", "unknown", "good")


class Overview(ViewScreen):
    view, named = "overview", "Overview"
    hints = (
        ("open", "look into"),
        ("↑↓←→", "pane"),
        ("act.release", "release"),
        ("act.all", "actions"),
    )
    DEFAULT_CSS = """
    Overview #tiles { layout: grid; grid-size: 3; grid-gutter: 0 1; height: 3fr; }
    Overview.-narrow #tiles { grid-size: 2; grid-rows: 5fr 4fr 4fr 4fr 4fr; height: 1fr; }
    Overview #types { height: 14; }
    Overview #words { display: none; }
    Overview #actions-tile { display: none; }
    Overview.-narrow #actions-tile { display: block; }
    Overview.-narrow #types { display: none; }
    Overview.-words #tiles { display: none; }
    Overview.-words #words { display: block; }
    """

    def make(self) -> Iterator[Slot]:
        for tile in TILES:
            yield Slot(Pane(tile.title, id=f"{tile.title.lower()}-tile"), tile.kind, tile.draw, tile.also, judged=True)
        yield Slot(Pane("Queue", id="types"), "queue", types, ("flags",))
        yield Slot(Pane("In words", id="words"), "", in_words, tuple(tile.kind for tile in TILES))

    @property
    def columns(self) -> int:
        return 2 if self.has_class("-narrow") else 3

    def action_move(self, by: int) -> None:
        """Up and down in the grid of tiles, as it is laid out now."""
        panes = [slot.pane for slot in self.slots if slot.pane.display and slot.pane.region]
        if self.pane not in panes:
            self.set_focus(panes[0] if panes else None)
            return
        at = panes.index(self.pane) + by * self.columns
        self.set_focus(panes[max(0, min(at, len(panes) - 1))])

    def action_open(self) -> None:
        """The view behind a tile."""
        views = {slot.pane: tile.view for slot, tile in zip(self.slots, TILES, strict=False)}
        at = self.pane
        self.console.view(views.get(at, "queues" if at and at.id == "types" else "alerts") if at else "alerts")

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
