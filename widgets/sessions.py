"""Sessions of a database server: who is at what for how long, and who waits for whom, drawn as a tree."""

from __future__ import annotations

from services.actions.ids import session as session_id
from services.readings import Blocking, PostgresValues, Session, Unknown
from widgets.columns import Cell, Column, Row
from widgets.facts import Facts
from widgets.figures import duration
from widgets.lines import Line, Segment
from widgets.table import Table

_COLUMNS = (
    Column("state", "State", 11),
    Column("for", "For", 7, "right"),
    Column("pid", "PID", 7, "right"),
    Column("user", "User", 10, drop=4),
    Column("application", "Application", 14, drop=1),
    Column("client", "Client", 12, drop=5),
    Column("wait", "Waits for", 16, drop=3),
    Column("transaction", "In trans", 8, "right", drop=2),
    Column("query", "Query", "1fr", least=20),
)
_TREE = (
    Column("tree", "PID", 16),
    Column("waits", "Waits", 7, "right"),
    Column("lock", "For", 26, drop=1),
    Column("who", "Who", 16, drop=3),
    Column("state", "State", 9, drop=2),
    Column("query", "Query", "1fr", least=18),
)
_SHORT = {"idle in transaction": "in trans", "idle in transaction (aborted)": "aborted", "prepared": "prepared"}


def id_of(session: Session) -> str:
    """As actions name it; "" for a prepared transaction, which has no backend to be ended."""
    return "" if session.backend_start is None else session_id(session.pid, session.backend_start)


def _state(session: Session) -> Segment:
    text = _SHORT.get(session.state, session.state)
    if session.long:
        return f"▲ {text}", "warn"
    return f"  {text}", "" if session.state == "active" else "dim"


def sessions(values: PostgresValues) -> Table:
    """Long ones first, as the source orders them."""
    found = values.sessions
    if isinstance(found, Unknown):
        return Table(_COLUMNS, (), f"? {found}")
    rows = tuple(_row(session) for session in found)
    foot: tuple[Line, ...] = (
        (("▲ longer at it than the profile allows · T ends a session, or all marked ones", "dim"),),
    )
    return Table(_COLUMNS, rows, "● nobody is connected but us", foot if rows else ())


def _row(session: Session) -> Row:
    since = session.query_s if session.state == "active" else session.state_s
    cells: tuple[Cell, ...] = (
        _state(session),
        duration(since),
        str(session.pid),
        session.user,
        session.application or session.kind,
        session.client,
        session.wait,
        duration(session.transaction_s) if session.transaction_s is not None else "",
        (session.query, "dim" if session.state.startswith("idle") else ""),
    )
    order = (
        *(session.state, since, session.pid, session.user, session.application, session.client, session.wait),
        *(session.transaction_s, session.query),
    )
    return Row(id_of(session) or f"prepared {session.query}", cells, order, _fields(session), session)


def _fields(session: Session) -> dict[str, str]:
    return {
        "pid": str(session.pid),
        "state": session.state,
        "user": session.user,
        "database": session.database,
        "application": session.application,
        "client": session.client,
        "wait": session.wait,
        "query": session.query,
    }


def blocking(values: PostgresValues) -> Table:
    """The tree as it is drawn: those that block others and wait for nobody stand at its roots."""
    found = values.blocking
    if isinstance(found, Unknown):
        return Table(_TREE, (), f"? {found}")
    return Table(_TREE, tuple(_branch(line) for line in found), "● nobody waits for a lock that another session holds")


def _branch(line: Blocking) -> Row:
    session = line.session
    pid = str(session.pid) if session.pid else "prepared"
    mark: Segment = ("✖ ", "bad") if line.ring else ("▲ ", "warn") if not line.depth else ("", "")
    tree = (mark, ("  " * line.depth + "└ " if line.depth else "", "dim"), (pid, "" if line.depth else "bold"))
    waits = duration(line.waits_s) if line.waits_s is not None else ""
    lock = f"{line.lock}, a ring" if line.ring else line.lock or "blocks the others"
    who = session.application or session.user
    state = _SHORT.get(session.state, session.state)
    cells = (tree, waits, lock, who, state, session.query)
    key = f"{line.root}/{id_of(session) or session.query}"
    return Row(key, cells, (line.root, line.waits_s, lock, who, state, session.query), _fields(session), session)


def detail(session: Session) -> Facts:
    """The session under the cursor: who it is, what it waits for, and what it runs or ran last."""
    who = f"{session.application or session.kind}, {session.user} on {session.database} from {session.client or 'here'}"
    since = session.query_s if session.state == "active" else session.state_s
    state = f"{session.state} for {duration(since)}"
    facts = (("waits for", session.wait), ("ran last" if session.state != "active" else "runs", session.query))
    return Facts((((f"{session.pid or 'prepared'}: {state}; {who}", "bold"),),), facts)
