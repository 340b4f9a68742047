"""Replication from the end we are connected to, WAL archiving, slots, and the pools of PgBouncer."""

from __future__ import annotations

from collections.abc import Iterator

from services.readings import (
    Archiver,
    PoolFigures,
    PoolsValues,
    PostgresValues,
    Receiver,
    Replication,
    Slot,
    Standby,
    Unknown,
    number,
)
from widgets.columns import Cell, Column, Row
from widgets.figures import duration, figure, share, size, span, why
from widgets.lines import Line, Segment
from widgets.pane import Lines
from widgets.table import Table
from widgets.verdict import Grade, above, verdict

_LAG_WARN_S, _LAG_BAD_S = 10.0, 30.0  # a hint to the eye; the rules judge
_STANDBYS = (
    Column("name", "Standby", "1fr", least=14),
    Column("state", "State", 11),
    Column("lag", "Lag", 8, "right"),
    Column("bytes", "Behind", 9, "right"),
    Column("heard", "Heard of", 9, "right", drop=2),
    Column("sync", "Sync", 9, drop=3),
    Column("client", "Client", 14, drop=1),
)
_POOLS = (
    Column("name", "Pool", "1fr", least=16),
    Column("used", "Used", 6, "right"),
    Column("servers", "Servers", 9, "right"),
    Column("clients", "Clients", 8, "right"),
    Column("waiting", "Waiting", 8, "right"),
    Column("maxwait", "Longest", 8, "right", drop=1),
    Column("mode", "Mode", 11, drop=2),
)


def state(values: PostgresValues) -> Lines:
    """In words: whether the other end follows, whether WAL is archived, and what slots keep."""
    found = values.replication
    rows = [verdict(*_grade(found)), *_facts(found), *_archiving(values.archiver), *map(_slot, found.slots)]
    return Lines(tuple(rows))


def _grade(found: Replication) -> tuple[Grade, str]:
    missing = number(found.missing)
    lag = above(found.lag_s, _LAG_WARN_S, _LAG_BAD_S)
    if missing:
        return "bad", f"{missing:g} of the expected standbys {'is' if missing == 1 else 'are'} missing"
    if found.role == "primary" and not isinstance(found.standbys, Unknown) and not found.standbys:
        return "good" if missing == 0 else "unknown", "no standby is connected"
    if lag == "unknown":
        return "unknown", f"lag: {found.lag_s}"
    return lag, f"lag {span(found.lag_s)[0]}, {size(found.lag_bytes)[0]} behind"


def _facts(found: Replication) -> Iterator[Line]:
    yield _fact("seen from", (f"the {found.role}", ""))
    yield _fact("lag", _span(found))
    if found.receiver:
        yield _fact("receives", _receiver(found.receiver))
        yield _fact("last replayed", (f"{span(found.receiver.replayed_age_s)[0]} ago by its commit", ""))
    else:
        yield _fact("missing", (why(found.missing, figure(found.missing)[0]), figure(found.missing)[1]))


def _span(found: Replication) -> Segment:
    text, ink = span(found.lag_s)
    return why(found.lag_s, text), ink


def _receiver(receiver: Receiver) -> Segment:
    if receiver.paused:
        return "replay is paused by somebody", "warn"
    heard = f", heard of {span(receiver.message_age_s)[0]} ago"
    return f"{receiver.status or 'nothing'} from {receiver.sender or 'nobody'}{heard}", "" if receiver.status else "bad"


def _archiving(archiver: Archiver) -> Iterator[Line]:
    if isinstance(archiver.failing, Unknown):
        yield _fact("archiving", (str(archiver.failing), "unknown"))
        return
    if archiver.failing:
        yield _fact("archiving", (f"✖ fails at {archiver.last_failed_wal}", "bad"))
    yield _fact("archived", (f"{archiver.last_wal or 'nothing yet'}, {span(archiver.last_ok_s)[0]} ago", ""))


def _slot(slot: Slot) -> Line:
    ink = "" if slot.active else "warn"
    state = "active" if slot.active else "nobody uses it"
    return _fact(f"slot {slot.name}"[:13], (f"{state}, keeps {size(slot.retained_bytes)[0]} {slot.wal_status}", ink))


def _fact(name: str, value: Segment) -> Line:
    return ((f"{name:<14}", "dim"), value)


def standbys(values: PostgresValues) -> Table:
    found = values.replication.standbys
    if isinstance(found, Unknown):
        return Table(_STANDBYS, (), f"? {found}")
    return Table(_STANDBYS, tuple(map(_standby, found)), "no standby is connected to this server")


def _standby(each: Standby) -> Row:
    heard = span(each.reply_age_s)[0]
    grade = above(each.lag_s, _LAG_WARN_S, _LAG_BAD_S)
    lag: Segment = (span(each.lag_s)[0], "" if grade == "good" else grade)
    cells: tuple[Cell, ...] = (each.name, each.state, lag, size(each.lag_bytes), heard, each.sync, each.client)
    figures = (number(each.lag_s), number(each.lag_bytes), number(each.reply_age_s))
    fields = {"name": each.name, "state": each.state, "client": each.client}
    return Row(f"{each.pid}", cells, (each.name, each.state, *figures, each.sync, each.client), fields, each)


def pools(values: PoolsValues) -> Table:
    foot = f"{values.clients:,} of {values.max_clients:,} clients, {values.waiting:,} in line, at {values.host}"
    return Table(_POOLS, tuple(map(_pool, values.pools)), "PgBouncer has no pool yet", (((foot, "dim"),),))


def _pool(each: PoolFigures) -> Row:
    grade = above(each.saturation, 0.8, 0.99)
    cells: tuple[Cell, ...] = (
        each.name,
        (share(each.saturation)[0], "" if grade == "good" else grade),
        f"{each.servers_active}/{figure(each.size)[0]}",
        str(each.clients_active),
        (str(each.clients_waiting), "warn" if each.clients_waiting else ""),
        duration(each.maxwait_s),
        each.mode,
    )
    order = (
        *(each.name, number(each.saturation), each.servers_active, each.clients_active, each.clients_waiting),
        *(each.maxwait_s, each.mode),
    )
    return Row(each.name, cells, order, {"pool": each.name, "user": each.user, "database": each.database}, each)
