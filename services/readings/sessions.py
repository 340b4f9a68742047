"""Who is connected to a PostgreSQL server, what they are at, and who waits for whom."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Session:
    """One backend. `pid`, `backend_start` and `state` together are what an action must still find: pids are reused.

    `backend_start` is `extract(epoch FROM backend_start)::float8` as the server gave it, which tells microseconds
    apart; compare it in the same form. It is None, and pid 0, for a prepared transaction: that has no backend.
    """

    pid: int
    backend_start: float | None
    state: str  # active, idle, idle in transaction, idle in transaction (aborted), ... or prepared
    user: str
    database: str
    application: str
    client: str  # address, "local" for a unix socket
    wait: str  # "Lock: transactionid", "" when it waits for nothing
    query_s: float | None  # since the query began that runs, or ran last
    transaction_s: float | None  # since the transaction began; None outside of one
    state_s: float | None  # since the state changed
    query: str  # the first 300 characters
    kind: str = "client backend"  # others are the server's own: autovacuum worker, walsender
    long: bool = False  # longer in its query, or idle in its transaction, than the profile allows


@dataclass(frozen=True, slots=True)
class SessionGroup:
    """Client connections that have these in common."""

    database: str
    user: str
    application: str
    state: str
    count: int
    oldest_s: float | None  # in this state


@dataclass(frozen=True, slots=True)
class Blocking:
    """One line of the tree of who waits for whom, in the order in which it is drawn.

    Depth 0 waits for nobody and blocks others. A session stands once under each root that it waits for, as near to it
    as can be. Where a ring of sessions waits for itself, one of them is the root and has `ring`: a deadlock that the
    server is about to find.
    """

    root: int  # pid at depth 0
    depth: int
    session: Session
    waits_s: float | None  # None for who does not wait; before PostgreSQL 14 since its state changed, which is no less
    lock: str  # what it waits for: "AccessExclusiveLock on jobs"; "" when for nothing
    ring: bool = False
