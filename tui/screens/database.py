"""8 Database: who is connected and who waits for whom, what statements cost, what tables need, and replication."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from services.readings import PoolsValues, PostgresValues, Session, StatementsValues, TablesValues
from tui.deck import Deck
from tui.screens import PAGES
from tui.screens.course import course, percent, seconds
from tui.screens.paged import PagedScreen, on_page, table_on
from tui.screens.view import Slot
from tui.selection import Selection
from widgets import database, relations, replication, sessions, statements
from widgets.figures import count
from widgets.pane import Content, Lines, Pane
from widgets.table import TablePane


class Database(PagedScreen):
    view, named = "database", "Database"
    pages = tuple(PAGES["database"])
    hints = (("turn", "next page"), ("act.terminate", "end session"), ("runbook", "runbook"), ("act.all", "actions"))
    DEFAULT_CSS = """
    Database #server { height: 7; }
    Database.-tall #server { height: 13; }
    Database #used { height: 9; }
    Database #slow { height: 10; }
    Database #session, Database #statement { height: 7; }
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

        yield Slot(on_page("sessions", Pane("Server", id="server"), "second"), "postgres", server)
        used = on_page("sessions", Pane("Connections in use", id="used"), "roomy")
        yield Slot(used, "postgres", course("postgres", "saturation", percent))
        self.sessions = table_on("sessions", "Sessions", "sessions")
        yield Slot(self.sessions, "postgres", lambda deck: deck.made("postgres", PostgresValues, sessions.sessions))
        self.blocking = table_on("blocking", "Who waits for whom", "blocking")
        yield Slot(self.blocking, "postgres", lambda deck: deck.made("postgres", PostgresValues, sessions.blocking))
        this = on_page("blocking", Pane("This session", id="session"), "second")
        yield Slot(this, "postgres", lambda deck: _told(self.blocking, sessions.detail))

    def _spent(self) -> Iterator[Slot]:
        spent = table_on("statements", "Statements", "statements")
        yield Slot(spent, "statements", lambda deck: deck.made("statements", StatementsValues, statements.statements))
        this = on_page("statements", Pane("This statement", id="statement"), "second")
        yield Slot(this, "statements", lambda deck: _told(spent, statements.detail))
        slow = on_page("statements", Pane("Slow calls", id="slow"), "roomy")
        yield Slot(slow, "statements", course("statements", "slow_count", count))
        self.tables = table_on("tables", "Tables", "tables")
        yield Slot(
            self.tables,
            "tables",
            lambda deck: deck.made("tables", TablesValues, lambda v: relations.tables(v, deck.at("tables"))),
        )

    def _replicated(self) -> Iterator[Slot]:
        state = on_page("replication", Pane("Replication and archiving", id="state"))
        yield Slot(state, "postgres", lambda deck: deck.made("postgres", PostgresValues, replication.state))
        lag = on_page("replication", Pane("Lag", id="lag"), "roomy")
        yield Slot(lag, "postgres", course("postgres", "replication.lag_s", seconds))
        standbys = table_on("replication", "Standbys", "standbys")
        yield Slot(standbys, "postgres", lambda deck: deck.made("postgres", PostgresValues, replication.standbys))
        pools = table_on("replication", "PgBouncer's pools", "pools")
        pools.add_class("second")
        yield Slot(pools, "pgbouncer", lambda deck: deck.made("pgbouncer", PoolsValues, replication.pools))

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)

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


def _told(pane: TablePane, detail: Callable[[Any], Content]) -> Content:
    """What is under the cursor of the pane, whole."""
    row = pane.selected
    return detail(getattr(row.data, "session", row.data)) if row else Lines(())


def _unquoted(name: str) -> str:
    """
    >>> _unquoted('public."Audit"')
    'public.Audit'
    """
    return name.replace('"', "")
