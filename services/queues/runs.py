"""The questions asked of a queue's runs: what is live, what finished since, and which are the newest."""

from __future__ import annotations

from services.queues import expressions as sql
from services.queues.mapping import Runs

CAP = 10_000  # a live status is counted up to here
MOST = 20_000  # finished runs that are read, and kept, at most
NEWEST = 200


def live_query(of: Runs) -> str:
    """One row per live status, each count stopping at the cap, and the database's clock.

    The statuses stand in the query as they are: a partial index is not proved usable for a parameter.
    """
    table = f"{sql.plain(of.table)} AS {of.alias}"
    counts = " UNION ALL ".join(
        f"SELECT {sql.literal(status)} AS status, (SELECT count(*) FROM (SELECT 1 FROM {table}"
        f" WHERE {sql.plain(of.status)} = {sql.literal(status)} LIMIT {CAP + 1}) AS capped) AS count"
        for status in of.live
    )
    return f"SELECT live.*, extract(epoch FROM now())::float8 AS now FROM ({counts}) AS live"


def finished_query(of: Runs, zone: str) -> str:
    """Runs that finished in the window and after `since`, and live ones that are usable already; newest first."""
    table = f"{sql.plain(of.table)} AS {of.alias}"
    outputs = sql.select(
        id=sql.text(of.id),
        status=sql.text(of.status),
        size_class=sql.text(of.size_class),
        finished_at=sql.epoch(of.finished_at, zone),
        usable_at=sql.epoch(of.usable_at, zone),
        usable_s=_usable_s(of),
        published=_published(of),
    )
    columns = f"{outputs} FROM {table}"
    newest = f"ORDER BY {sql.plain(of.finished_at)} DESC LIMIT {MOST + 1}"
    finished = f"({columns} WHERE {sql.plain(of.finished_at)} > {_since(zone)} {newest})"
    if of.usable_at is None:
        return finished
    live = ", ".join(map(sql.literal, of.live))
    usable = (
        f"({columns} WHERE {sql.plain(of.status)} IN ({live}) AND {sql.plain(of.finished_at)} IS NULL"
        f" AND {sql.plain(of.usable_at)} > {_since(zone)} LIMIT {MOST})"
    )
    return f"{finished} UNION ALL {usable}"


def newest_query(of: Runs, zone: str) -> str:
    outputs = sql.select(
        id=sql.text(of.id),
        session=sql.text(of.session),
        owner=sql.text(of.owner),
        status=sql.text(of.status),
        size_class=sql.text(of.size_class),
        created_at=sql.epoch(of.created_at, zone),
        finished_at=sql.epoch(of.finished_at, zone),
        usable_s=_usable_s(of),
        reprocess_of=sql.text(of.reprocess_of),
    )
    newest = f"ORDER BY {sql.plain(of.created_at)} DESC, {sql.plain(of.id)} DESC LIMIT {NEWEST}"
    return f"{outputs} FROM {sql.plain(of.table)} AS {of.alias} {newest}"


def _since(zone: str) -> str:
    """The later of what was read already and the window's start."""
    since = "greatest(to_timestamp(%(since)s), now() - make_interval(secs => %(window)s))"
    return f"({since} AT TIME ZONE {sql.literal(zone)})" if zone else since


def _usable_s(of: Runs) -> str:
    if of.usable_at is None:
        return "NULL::float8"
    return f"extract(epoch FROM ({sql.plain(of.usable_at)}) - ({sql.plain(of.created_at)}))::float8"


def _published(of: Runs) -> str:
    return "NULL::bool" if of.published_at is None else f"({sql.plain(of.published_at)}) IS NOT NULL"
