"""What the Overview's tiles are made of: each subject in a few lines, what is wrong first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from widgets import alerts, audit, database, endpoints, failures, flags, health, locks, queues, runs, storage
from widgets.columns import as_line
from widgets.lines import Line
from widgets.pane import Content, Lines
from widgets.verdict import grade_of, verdict


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


def tried(deck: Deck) -> Lines:
    """Units, and what is tried by command, port and certificate: what is not well by name."""
    from tui.screens.services import tables

    told = [
        (*as_line(row.cells[0]), ("  ", ""), *as_line(row.cells[1])) for table in tables(deck) for row in table.rows
    ]
    told.sort(key=lambda line: line[0][1] == "good")
    wrong = sum(line[0][1] != "good" for line in told)
    words = f"{wrong} of {len(told)} not well" if wrong else f"all {len(told)} well"
    return Lines((verdict("bad" if wrong else "good", words), *told))


@dataclass(frozen=True)
class Tile:
    title: str
    kind: str
    how: Callable[[Deck], Lines | None]
    view: str  # where Enter goes
    also: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()  # the views whose alerts are about this tile, where they are not its own
    kinds: tuple[str, ...] = ()  # of sources that it is made of together

    def concerns(self, deck: Deck) -> bool:
        kinds = self.kinds or (self.kind,)
        return not kinds[0] or any(deck.source(kind) for kind in kinds)

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
    Tile("Services", "", tried, "services", kinds=("systemd", "command", "tls", "tcp", "redis", "files")),
)
