"""8 Database: who is connected and who waits for whom, what statements cost, what tables need, and replication."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from services.readings import PoolsValues, PostgresValues, Session, StatementsValues, TablesValues
from tui.deck import Deck
from tui.levels import limits, of_figure
from tui.screens.paged import PagedScreen
from tui.screens.view import Slot, table
from tui.selection import Selection
from widgets import database, relations, replication, sessions, statements
from widgets.figures import count, share, span
from widgets.pane import Content, Pane
from widgets.plot import Plot
from widgets.table import TablePane


def _on(page: str, pane: Pane, *more: str) -> Pane:
    pane.add_class(f"page-{page}", *more)
    return pane


def _table(page: str, title: str, id: str) -> TablePane:
    found = table(title, id)
    _on(page, found)
    return found


def course(kind: str, path: str, told: Callable[[float], str]) -> Callable[[Deck], Content]:
    """One figure against time, with the thresholds on it."""

    def plot(deck: Deck) -> Content:
        source = deck.source(kind)
        return Plot(
            deck.history.series(source, path), deck.at(kind), "", limits(deck, source, of_figure(path), told), told
        )

    return plot


def _percent(value: float) -> str:
    return share(value)[0]


def _seconds(value: float) -> str:
    return span(value)[0]


class Database(PagedScreen):
    view, named = "database", "Database"
    pages = ("sessions", "blocking", "statements", "tables", "replication")
    hints = (("turn", "next page"), ("act.terminate", "end session"), ("runbook", "runbook"), ("act.all", "actions"))
    DEFAULT_CSS = """
    Database #server { height: 7; }
    Database.-tall #server { height: 13; }
    Database #used { height: 9; }
    Database #slow { height: 10; }
    Database #state { height: 9; }
    Database #lag { height: 9; }
    Database #pools { height: 7; }
    """

    def make(self) -> Iterator[Slot]:
        yield from self._connected()
        yield from self._spent()
        yield from self._replicated()

    def _connected(self) -> Iterator[Slot]:
        def server(deck: Deck) -> Content | None:
            return deck.made("postgres", PostgresValues, lambda v: database.server(v, deck.at("postgres")))

        yield Slot(_on("sessions", Pane("Server", id="server"), "second"), "postgres", server)
        used = _on("sessions", Pane("Connections in use", id="used"), "roomy")
        yield Slot(used, "postgres", course("postgres", "saturation", _percent))
        self.sessions = _table("sessions", "Sessions", "sessions")
        yield Slot(self.sessions, "postgres", lambda deck: deck.made("postgres", PostgresValues, sessions.sessions))
        self.blocking = _table("blocking", "Who waits for whom", "blocking")
        yield Slot(self.blocking, "postgres", lambda deck: deck.made("postgres", PostgresValues, sessions.blocking))

    def _spent(self) -> Iterator[Slot]:
        spent = _table("statements", "Statements", "statements")
        yield Slot(spent, "statements", lambda deck: deck.made("statements", StatementsValues, statements.statements))
        slow = _on("statements", Pane("Slow calls", id="slow"), "roomy")
        yield Slot(slow, "statements", course("statements", "slow_count", count))
        self.tables = _table("tables", "Tables", "tables")
        yield Slot(
            self.tables,
            "tables",
            lambda deck: deck.made("tables", TablesValues, lambda v: relations.tables(v, deck.at("tables"))),
        )

    def _replicated(self) -> Iterator[Slot]:
        state = _on("replication", Pane("Replication and archiving", id="state"))
        yield Slot(state, "postgres", lambda deck: deck.made("postgres", PostgresValues, replication.state))
        lag = _on("replication", Pane("Lag", id="lag"), "roomy")
        yield Slot(lag, "postgres", course("postgres", "replication.lag_s", _seconds))
        standbys = _table("replication", "Standbys", "standbys")
        yield Slot(standbys, "postgres", lambda deck: deck.made("postgres", PostgresValues, replication.standbys))
        pools = _table("replication", "PgBouncer's pools", "pools")
        pools.add_class("second")
        yield Slot(pools, "pgbouncer", lambda deck: deck.made("pgbouncer", PoolsValues, replication.pools))

    def selection(self) -> Selection:
        """Sessions by what actions know them by; tables by their names without quotes."""
        pane = self.rows
        rows = (pane.marked or ((pane.selected,) if pane.selected else ())) if pane else ()
        if pane is self.tables:
            return Selection("tables", tuple(map(_unquoted, (row.key for row in rows))), bool(pane.marked))
        if pane in (self.sessions, self.blocking):
            found: list[Session] = [getattr(row.data, "session", row.data) for row in rows]
            ids = tuple(dict.fromkeys(filter(None, map(sessions.id_of, found))))
            return Selection("sessions", ids, bool(pane.marked)) if ids and pane else Selection()
        return Selection()


def _unquoted(name: str) -> str:
    """
    >>> _unquoted('public."Audit"')
    'public.Audit'
    """
    return name.replace('"', "")
