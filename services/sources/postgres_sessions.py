"""Sessions, and the tree of who waits for whom, from the rows of pg_stat_activity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.database import Row
from services.readings import Blocking, Session, SessionGroup
from services.sql_text import masked
from services.text import safe

MOST_LINES = 200  # of the tree
_QUERY = 300


def session(row: Row) -> Session:
    prepared = row["pid"] == 0
    return Session(
        pid=row["pid"],
        backend_start=row["backend_start"],
        state="prepared" if prepared else safe(row["state"]),
        user=safe(row["user"]),
        database=safe(row["database"]),
        application=safe(row["application"]),
        client="" if prepared else safe(row["client"]),
        wait=safe(row["wait"]),
        query_s=_age(row["query_s"]),
        transaction_s=_age(row["transaction_s"]),
        state_s=_age(row["state_s"]),
        query="a prepared transaction" if prepared else safe(masked(row["query"] or ""), _QUERY),
        kind="prepared transaction" if prepared else safe(row["kind"]),
        long=row.get("long", False),
    )


def group(row: Row) -> SessionGroup:
    return SessionGroup(
        database=safe(row["database"]),
        user=safe(row["user"]),
        application=safe(row["application"]),
        state=safe(row["state"]),
        count=row["count"],
        oldest_s=_age(row["oldest_s"]),
    )


def _age(seconds: float | None) -> float | None:
    return None if seconds is None else max(0.0, seconds)


def blocking(rows: Sequence[Row]) -> tuple[Blocking, ...]:
    """The tree of who waits, from the roots: those who block and do not wait, then one of each ring of sessions."""
    by_pid = {row["pid"]: row for row in rows}
    waiters: dict[int, list[int]] = {}
    for row in rows:
        for blocker in dict.fromkeys(row["blockers"] or ()):
            waiters.setdefault(blocker, []).append(row["pid"])
    order = {pid: at for at, pid in enumerate(by_pid)}
    drawn: set[int] = set()
    lines: list[Blocking] = []
    for root in sorted(waiters, key=lambda pid: (by_pid[pid]["blockers"] is not None, order[pid])):
        if by_pid[root]["blockers"] is not None and root in drawn:
            continue
        found = [_line(root, depth, by_pid[pid]) for pid, depth in _tree(root, waiters)]
        drawn |= {line.session.pid for line in found}
        lines += found
    return tuple(lines[:MOST_LINES])


def _tree(root: int, waiters: Mapping[int, Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Each session once, as near to the root as it can stand: who queues for one lock waits for all those before."""
    children: dict[int, list[int]] = {root: []}
    reached = [root]
    for pid in reached:
        for waiter in waiters.get(pid, ()):
            if waiter not in children:
                children[waiter] = []
                children[pid].append(waiter)
                reached.append(waiter)
    stack = [(root, 0)]
    while stack:
        pid, depth = stack.pop()
        yield pid, depth
        stack += [(child, depth + 1) for child in reversed(children[pid])]


def _line(root: int, depth: int, row: Row) -> Blocking:
    waits = row["blockers"] is not None
    return Blocking(
        root=root,
        depth=depth,
        session=session(row),
        waits_s=_age(row["waits_s"]) if waits else None,
        lock=_lock(row) if waits else "",
        ring=waits and depth == 0,
    )


def _lock(row: Row) -> str:
    """What a session waits for. A row is waited for through the transaction that holds it."""
    return safe(f"{row['mode']} on {row['relation'] or row['locktype']}") if row["mode"] else ""
