"""A purge as SQL: its function in the database, and what is asked of each kind of rows before and after."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType

from services.actions.functions import filled, literal, name, one_line, reason, template
from services.profile import PurgeAction, PurgeKind
from services.queues.expressions import plain

_TURN = MappingProxyType(
    {"ids": "wd_locked.ids", "actor": "wd_actor", "reason": "wd_reason", "run": "wd_run", "batch": "wd_batch"}
)
_END = MappingProxyType(
    {
        **{name: f"wd_{name}" for name in ("actor", "reason", "run", "word", "rows", "objects")},
    }
)
_WRITE = re.compile(r"\b(UPDATE|INSERT\s+INTO|DELETE\s+FROM)\s+(?:ONLY\s+)?([a-z_][\w.]*)", re.I)


def function(action_id: str, action: PurgeAction) -> str:
    arms = [_arm(action_id, kind_id, kind) for kind_id, kind in action.kinds.items()]
    ended = f"        {filled(action.ended, _END, f'[actions.{action_id}] ended')};\n" if action.ended else ""
    return template("purge/function.sql").format(
        title=one_line(action.title),
        name=name(action_id),
        literal=literal(action_id),
        reason=reason(action.risk),
        most=action.most,
        longest=round(action.longest),
        ended=ended,
        kinds="    IF" + "    ELSIF".join(arms).rstrip("\n"),
    )


def _arm(action_id: str, kind_id: str, kind: PurgeKind) -> str:
    row = f"(wd_seen -> watchdeck.as_seen({kind.id}))"
    as_seen = [f"watchdeck.as_seen({sql}) IS NOT DISTINCT FROM ({row} ->> {literal(at)})" for at, sql in seen(kind)]
    return template("purge/kind.sql").format(
        literal=literal(kind_id),
        id=kind.id,
        source=source(kind),
        alias=kind.alias,
        due=kind.due,
        ready=kind.ready,
        as_seen=" AND ".join(as_seen),
        effect=filled(kind.sql, _TURN, f"[actions.{action_id}.kinds.{kind_id}] sql"),
    )


def source(kind: PurgeKind) -> str:
    return f"{kind.table} AS {kind.alias}"


def seen(kind: PurgeKind) -> Iterator[tuple[str, str]]:
    """What must still be as it was: which objects the row has, and what the profile names beside."""
    yield "objects", kind.objects
    yield from ((f"match{at}", sql) for at, sql in enumerate(kind.match))


def _seen(kind: PurgeKind) -> str:
    return ", ".join(f"'{at}', watchdeck.as_seen({plain(sql)})" for at, sql in seen(kind))


def due(kind: PurgeKind) -> str:
    """What is due, the oldest first, %(most)s of it at most, and one more that says that there is more."""
    return (
        f"SELECT watchdeck.as_seen({plain(kind.id)}) AS id, {plain(kind.objects)} AS objects, "
        f"({plain(kind.label)})::text AS label, extract(epoch FROM now() - {plain(kind.since)})::float8 AS age, "
        f"jsonb_build_object({_seen(kind)}) AS seen FROM {plain(source(kind))} WHERE {plain(kind.due)} "
        f"ORDER BY {plain(kind.since)}, {plain(kind.id)} LIMIT %(most)s + 1"
    )


def counted(kind: PurgeKind) -> str:
    """How many are due, and how many rows the table has by its statistics."""
    table = kind.table.replace("'", "''")
    return (
        f"SELECT (SELECT count(*) FROM {plain(source(kind))} WHERE {plain(kind.due)}) AS due, "
        f"(SELECT greatest(reltuples, 0)::float8 FROM pg_class WHERE oid = '{table}'::regclass) AS rows"
    )


def standing(kind: PurgeKind) -> str:
    """Of the rows with these ids that are still there: whether each is as it was seen, due, and its turn has come."""
    row = f"(%(seen)s::jsonb -> watchdeck.as_seen({plain(kind.id)}))"
    same = [f"watchdeck.as_seen({plain(sql)}) IS NOT DISTINCT FROM ({row} ->> '{at}')" for at, sql in seen(kind)]
    like = f"(SELECT {plain(kind.id)} FROM {plain(source(kind))} LIMIT 0)"
    return (
        f"SELECT watchdeck.as_seen({plain(kind.id)}) AS id, coalesce({plain(kind.due)}, false) AS due, "
        f"coalesce({plain(kind.ready)}, false) AS ready, ({' AND '.join(same)}) AS same "
        f"FROM {plain(source(kind))} WHERE {plain(kind.id)} = ANY (watchdeck.typed({like}, %(ids)s::text[]))"
    )


def writes(action: PurgeAction) -> Iterator[tuple[str, str]]:
    """(table, verb): what the function does, and what it looks at."""
    for kind in action.kinds.values():
        yield kind.table, "UPDATE"  # FOR UPDATE needs it, whatever the effect writes
    for sql in (*(kind.sql for kind in action.kinds.values()), action.ended):
        for verb, table in _WRITE.findall(sql):
            yield table, verb.split()[0].upper()
    for table in action.reads:
        yield table, "SELECT"
