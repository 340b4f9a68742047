"""The questions a poll asks of a queue, as SQL over the mapping's expressions.

Each form is chosen for its cost on large tables: counts stop at a cap and run on one type's part of the index, the
oldest is the first of an ordered index, and history is read only as far as it is new.
"""

from __future__ import annotations

from services.database import Row
from services.queues.expressions import epoch, literal, number, plain, source, text
from services.queues.mapping import LIVE, Attempts, Mapping, Stale, Workers
from services.queues.shown import HIDDEN

MOST_TYPES = 200
MOST_LOCKS = 200
LOCKS_CAP = 1_000  # overdue locks whose owners are looked up
MOST_WORKERS = 500
PAGE = 5_000  # rows of history in one answer: what the driver unpacks without the screen noticing
FINISHED = ("failed", "succeeded", "cancelled")
MESSAGE = 300  # characters of an error's text


def due(mapping: Mapping) -> str | None:
    """When a job became due: what its wait is counted from."""
    return mapping.columns.run_at or mapping.columns.created_at


def held_since(mapping: Mapping) -> str | None:
    """When a running job was taken."""
    return mapping.columns.locked_at or mapping.columns.started_at


def keeps_history(mapping: Mapping) -> bool:
    return mapping.columns.finished_at is not None and mapping.cost.history == "rows"


def live(mapping: Mapping) -> str:
    """True of rows that are not finished: written out, because the index's condition has to follow from it."""
    return " OR ".join(f"({plain(mapping.states[state])})" for state in LIVE if state in mapping.states)


def types(mapping: Mapping) -> str:
    """The types that have live rows: from one to the next through the index, never over the rows."""
    if mapping.cost.types:
        return f"SELECT type::text FROM ({plain(mapping.cost.types)}) AS wd_known(type) LIMIT {MOST_TYPES}"
    column, rows = plain(mapping.columns.type), source(mapping)
    step = f"SELECT {column} FROM {rows} WHERE ({live(mapping)})"
    return f"""WITH RECURSIVE wd_hop(type) AS (
        ({step} ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT ({step} AND {column} > wd_hop.type ORDER BY {column} LIMIT 1) FROM wd_hop WHERE wd_hop.type IS NOT NULL
    ) SELECT type::text FROM wd_hop WHERE type IS NOT NULL LIMIT {MOST_TYPES}"""


def depths(mapping: Mapping) -> str:
    """Live rows per type and state, and since when the oldest waits. Parameters: types, cap."""
    columns = [_capped(mapping, name, mapping.states[name]) for name in LIVE if name in mapping.states]
    columns += [_capped(mapping, name, test) for name, test in mapping.extra.items()]
    if (since := due(mapping)) and "waiting" in mapping.states:
        columns.append(
            f"(SELECT {epoch(since, mapping.source.naive_tz)} FROM {source(mapping)} WHERE {_of_type(mapping)}"
            f" AND ({plain(mapping.states['waiting'])}) ORDER BY {plain(since)} LIMIT 1) AS oldest_at"
        )
    return (
        f"SELECT wd.type, {', '.join(columns)} FROM (SELECT unnest(%(types)s::text[]) AS type UNION"
        f" SELECT type FROM ({types(mapping)}) AS wd_alive) AS wd"
    )


def finished(mapping: Mapping, state: str) -> str:
    """Rows of a finished state that has an index of its own. Parameters: types, cap."""
    return (
        f"SELECT wd.type, {_capped(mapping, state, mapping.states[state])} FROM unnest(%(types)s::text[]) AS wd(type)"
    )


def finished_in_small(mapping: Mapping, state: str) -> str:
    """The same for a table so small that reading it whole is cheaper."""
    return (
        f"SELECT {text(mapping.columns.type)} AS type, count(*) AS {_name(state)} FROM {source(mapping)}"
        f" WHERE ({plain(mapping.states[state])}) GROUP BY 1"
    )


def estimated(mapping: Mapping, state: str, type_: str | None) -> str:
    """Answered by the planner: how many rows of a state, of one type or of all, it thinks there are."""
    of_type = f" AND {plain(mapping.columns.type)} = {literal(type_)}" if type_ is not None else ""
    return f"EXPLAIN (FORMAT JSON) SELECT FROM {source(mapping)} WHERE ({plain(mapping.states[state])}){of_type}"


def locks(mapping: Mapping, stale: Stale, since: str) -> str:
    """Rows held for longer than their type allows, oldest first. Parameters: allowed, after, shortest, cap."""
    tz = mapping.source.naive_tz
    age = f"(extract(epoch FROM now()) - {epoch(since, tz)})"
    type_ = text(mapping.columns.type)
    alive = f"({plain(stale.alive)}) IS TRUE" if stale.alive else "NULL::boolean"
    return f"""WITH wd_held AS MATERIALIZED (
        SELECT {text(mapping.columns.id)} AS id, {type_} AS type, {number(mapping.columns.attempt)} AS attempt,
               {text(mapping.columns.locked_by, MESSAGE)} AS locked_by,
               {text(mapping.columns.owner, MESSAGE)} AS owner, {epoch(since, tz)} AS locked_at, {age} AS age_s,
               coalesce((%(allowed)s::jsonb ->> {type_})::float8, %(after)s) AS allowed_s,
               extract(epoch FROM now())::float8 - {epoch(stale.heartbeat_at, tz)} AS heartbeat_age_s, {alive} AS alive
          FROM {source(mapping)}
         WHERE ({plain(stale.locked)}) AND {plain(since)} < {_ago("%(shortest)s", tz)}
           AND {age} > coalesce((%(allowed)s::jsonb ->> {type_})::float8, %(after)s)
         ORDER BY {plain(since)} LIMIT %(cap)s + 1
    ) SELECT *, count(*) FILTER (WHERE NOT alive) OVER () AS dead, count(*) FILTER (WHERE alive) OVER () AS owned,
             count(*) OVER () AS old FROM wd_held ORDER BY locked_at LIMIT {MOST_LOCKS}"""


def ends(mapping: Mapping, at: str, messages: bool) -> str:
    """Jobs that ended in a span of time, newest first. Parameters: those of `span`."""
    tz, columns = mapping.source.naive_tz, mapping.columns
    over = [state for state in FINISHED if state in mapping.states]
    arms = " ".join(f"WHEN ({plain(mapping.states[state])}) THEN '{state}'" for state in over)
    done = " OR ".join(f"({plain(mapping.states[state])})" for state in over)
    failed = f"({plain(mapping.states['failed'])})" if "failed" in mapping.states else "false"
    message = _message(columns.error_text, messages) if mapping.attempts is None else "NULL::text"
    where, order = _span((at, columns.id), tz)
    return (
        f"SELECT {text(columns.id)} AS id, {text(columns.type)} AS type, CASE {arms} END AS state,"
        f" {epoch(due(mapping), tz)} AS due_at, {epoch(columns.started_at, tz)} AS started_at, {epoch(at, tz)} AS at,"
        f" CASE WHEN {failed} THEN {text(columns.error_code, MESSAGE)} END AS error_code,"
        f" CASE WHEN {failed} THEN {message} END AS message"
        f" FROM {source(mapping)} WHERE {where} AND ({done}) ORDER BY {order} LIMIT {PAGE}"
    )


def tries(attempts: Attempts, tz: str, messages: bool) -> str:
    """Attempts that ended in a span of time, newest first. Parameters: those of `span`."""
    message = _message(attempts.error_text, messages)
    where, order = _span((attempts.finished_at, attempts.job_id, attempts.attempt), tz)
    return (
        f"SELECT {text(attempts.job_id)} AS id, {text(attempts.attempt)} AS attempt,"
        f" {text(attempts.type)} AS type, ({plain(attempts.failed)}) IS TRUE AS failed,"
        f" ({plain(attempts.retried)}) IS TRUE AS retried, {epoch(attempts.finished_at, tz)} AS at,"
        f" CASE WHEN ({plain(attempts.failed)}) THEN {text(attempts.error_code, MESSAGE)} END AS error_code,"
        f" CASE WHEN ({plain(attempts.failed)}) THEN {message} END AS message"
        f" FROM {plain(attempts.table)} AS {attempts.alias} WHERE {where} ORDER BY {order} LIMIT {PAGE}"
    )


def _message(column: str | None, readable: bool) -> str:
    return text(column if readable or column is None else HIDDEN, MESSAGE)


def span(window_s: float, since: float | None = None, before: Row | None = None) -> dict[str, object]:
    """The parameters of `ends` and `tries`: later than `since`, within the window, and older than the row `before`."""
    last = before or {}
    return {
        "window": window_s,
        "since": since,
        "at": last.get("at"),
        "key1": last.get("id"),
        "key2": last.get("attempt"),
    }


def workers(mapping: Mapping, of: Workers) -> str:
    """The workers heard of last, with what each is running. Parameters: cap."""
    tz = mapping.source.naive_tz
    running = "SELECT NULL::text AS worker, 0::bigint AS n LIMIT 0"
    if mapping.columns.locked_by and "running" in mapping.states:
        running = (
            f"SELECT worker, count(*) AS n FROM (SELECT {text(mapping.columns.locked_by)} AS worker"
            f" FROM {source(mapping)} WHERE ({plain(mapping.states['running'])}) LIMIT %(cap)s) AS wd_held GROUP BY 1"
        )
    return (
        f"SELECT {text(of.id)} AS id, {text(of.pool)} AS pool, {text(of.version)} AS version,"
        # one that has never been heard of is as old as time, and not alive
        f" extract(epoch FROM now())::float8 - coalesce({epoch(of.heartbeat_at, tz)}, 0) AS heartbeat_age_s,"
        f" coalesce(wd_busy.n, 0) AS running FROM {plain(of.table)} AS {of.alias}"
        f" LEFT JOIN ({running}) AS wd_busy ON wd_busy.worker = {text(of.id)}"
        f" ORDER BY {plain(of.heartbeat_at)} DESC NULLS LAST LIMIT {MOST_WORKERS}"
    )


def _capped(mapping: Mapping, name: str, test: str) -> str:
    return (
        f"(SELECT count(*) FROM (SELECT FROM {source(mapping)} WHERE {_of_type(mapping)} AND ({plain(test)})"
        f" LIMIT %(cap)s + 1) AS wd_capped) AS {_name(name)}"
    )


def _of_type(mapping: Mapping) -> str:
    return f"{plain(mapping.columns.type)} = wd.type"


def _name(state: str) -> str:
    return '"' + plain(state).replace('"', '""') + '"'


def _ago(seconds: str, tz: str) -> str:
    """A point in time in the column's own type: converting the column instead would keep its index from being used."""
    return _local(f"now() - make_interval(secs => {seconds})", tz)


def _span(columns: tuple[str, ...], tz: str) -> tuple[str, str]:
    """The condition and the order. Rows that ended at the same moment are told apart by the columns that follow."""
    since = "greatest(to_timestamp(%(since)s::float8), now() - make_interval(secs => %(window)s))"
    until = _local("coalesce(to_timestamp(%(at)s::float8), 'infinity')", tz)
    keys = [plain(column) for column in columns]
    last = ", ".join([until, "%(key1)s", "%(key2)s"][: len(keys)])
    return (
        f"{keys[0]} > {_local(since, tz)} AND ({', '.join(keys)}) < ({last})",
        ", ".join(f"{key} DESC" for key in keys),
    )


def _local(moment: str, tz: str) -> str:
    return f"({moment}) AT TIME ZONE {literal(tz)}" if tz else f"({moment})"
