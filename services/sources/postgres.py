"""The database server itself: which one it is, who we are there, how full it is, who waits, and who follows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.clock import Clock
from services.database import Database, Row
from services.profile import PostgresSource, Role
from services.queries import query
from services.queues.shown import HIDDEN
from services.readings import AtLeast, DatabaseCounters, Figure, PostgresValues, Prepared, Unknown
from services.sources import Parts
from services.sources.postgres_archiver import archiver
from services.sources.postgres_lag import Positions
from services.sources.postgres_rates import Rates
from services.sources.postgres_replication import heard, replication
from services.sources.postgres_sessions import blocking, group, session
from services.text import safe

_COUNTS = (
    *("used", "active", "idle", "idle_in_transaction", "lock_waiting"),
    *("oldest_idle_tx_s", "oldest_tx_s", "xmin_age", "long_count"),
)
_LIMITED = ("sessions", "session_list")  # they compare with what the profile calls long
# What a session is at: its first characters, or, where that is nobody's business, not selected at all.
_QUERY = "left(a.query, 400)"
_TOO_MANY = Unknown(
    "not recorded", "too many tables to measure at every poll: a `tables` source does it in its own time"
)
_LOOK_AGAIN_S = 0.2  # once, after the start
_MOST_WAITING = 100  # as many the query looks at: each of them makes the lock table stand still for a moment
# One round trip, and so one look at the sessions: in what order they are asked does not matter.
_QUESTIONS = (
    *("server", "sessions", "session_list", "session_groups"),
    *("receiver", "standbys", "slots", "archiver", "databases", "prepared"),
)


def make(name: str, spec: PostgresSource, parts: Parts) -> Postgres:
    return Postgres(name, spec, parts.databases[name], parts.clock, parts.role)


class Postgres:
    """Keeps, from poll to poll, where the WAL ended and what the counters were."""

    def __init__(self, name: str, spec: PostgresSource, database: Database, clock: Clock, role: Role = "admin") -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._database = database
        self._clock = clock
        self._past = Positions()
        self._rates = Rates()
        self._role = role
        self._query = HIDDEN if role == "support" else _QUERY

    async def fetch(self) -> PostgresValues:
        before = self._clock.wall()
        found = await self._ask(_QUESTIONS)
        halfway = (before + self._clock.wall()) / 2
        (server,), (sessions,) = found["server"], found["sessions"]
        more = {
            # asked every time: after a failover, or behind another address, it is another server
            "system_identifier": server["may_identify"],
            # asked only when somebody waits: by far the dearest of the questions
            "blocking": sessions["waiting"] > 0,
        }
        found |= await self._ask([name for name, wanted in more.items() if wanted], server["major"])
        if self._past.empty and _somebody_behind(found):
            # a single look cannot tell who keeps up from who stands still
            self._remember(found)
            await self._clock.sleep(_LOOK_AGAIN_S)
            found |= await self._ask(("receiver", "standbys"))
        self._remember(found)
        return self._values(found, server["clock"] - halfway)

    async def close(self) -> None:
        """The database is shared, and closed by whoever built it."""

    async def _ask(self, names: Sequence[str], major: int = 0) -> dict[str, list[Row]]:
        """The rows by question, in a form for servers of this version if there are several."""
        limits = {"long_query": self._spec.long_query, "long_idle": self._spec.long_idle}
        asked = [
            (query(name, major).replace("{query}", self._query), limits if name in _LIMITED else None) for name in names
        ]
        return dict(zip(names, await self._database.batch(asked), strict=True)) if asked else {}

    def _remember(self, found: dict[str, list[Row]]) -> None:
        """Where the WAL ended: here, or by the last message where the primary still talks to us."""
        (server,), (here,) = found["server"], found["receiver"]
        if not server["in_recovery"]:
            self._past.saw(here["clock"], here["known"])
        elif heard(here):
            self._past.saw(here["clock"] - here["message_age_s"], here["known"])

    def _values(self, found: dict[str, list[Row]], skew: float) -> PostgresValues:
        (server,), (here,), (archive,) = found["server"], found["receiver"], found["archiver"]
        standby = server["in_recovery"]
        hidden = self._hidden(server, found["sessions"][0]["hidden"])
        per_s, hits = self._rates.of(here["clock"], found["databases"])
        return PostgresValues(
            host=safe(self._database.label),
            user=safe(server["user"]),
            version=safe(server["version"]),
            system_identifier=_identifier(found),
            in_recovery=standby,
            started_at=server["started_at"],
            clock_skew_s=skew,
            max_connections=server["max_connections"],
            reserved=server["reserved"],
            size_bytes=_TOO_MANY if server["size_bytes"] is None else server["size_bytes"],
            roles=tuple(safe(role) for role in server["roles"]),
            ledger=server["ledger"],
            replication=replication(
                here, standby, found["standbys"], found["slots"], self._spec.replicas, self._past, self._grant(server)
            ),
            archiver=archiver(archive, here["known"], here["segment_bytes"], standby),
            **_sessions(found, hidden),
            **_counters(found),
            transactions_per_s=per_s,
            cache_hit_share=hits,
        )

    def _grant(self, server: Row, what: str = "what the server tells of others") -> Unknown:
        if self._role == "support":  # with that grant it would see what others run, in psql if not here
            return Unknown("not permitted", f"{what} is hidden from support")
        return Unknown("not permitted", f"{what} is hidden: GRANT pg_read_all_stats TO {safe(server['user'])}")

    def _hidden(self, server: Row, hidden: int) -> Unknown | None:
        """The reason, where sessions are hidden from us: counts of a part would be wrong without looking wrong."""
        return self._grant(server, f"{hidden} sessions: it") if hidden and not server["may_see_all"] else None


def _identifier(found: dict[str, list[Row]]) -> str:
    rows = found.get("system_identifier")
    return safe(rows[0]["system_identifier"]) if rows else ""


def _somebody_behind(found: dict[str, list[Row]]) -> bool:
    (here,) = found["receiver"]
    return any(row["replayed"] is not None and row["replayed"] < here["known"] for row in found["standbys"])


def _sessions(found: dict[str, list[Row]], hidden: Unknown | None) -> dict[str, Any]:
    if hidden:
        return dict.fromkeys((*_COUNTS, "blocked", "sessions", "groups", "blocking"), hidden)
    (counts,), rows = found["sessions"], found.get("blocking", [])
    waiting = sum(row["blockers"] is not None for row in rows)
    return {
        **{name: counts[name] for name in _COUNTS},
        "blocked": AtLeast(_MOST_WAITING) if waiting > _MOST_WAITING else waiting,
        "sessions": tuple(session(row) for row in found["session_list"]),
        "groups": tuple(group(row) for row in found["session_groups"]),
        "blocking": blocking(rows),
    }


def _counters(found: dict[str, list[Row]]) -> dict[str, Any]:
    rows, prepared = found["databases"], found["prepared"]
    oldest: Figure = max((row["age_s"] for row in prepared), default=0.0)
    return {
        "databases": tuple(_database(row) for row in rows),
        "deadlocks": sum(row["deadlocks"] for row in rows),
        "temp_bytes": sum(row["temp_bytes"] for row in rows),
        "xid_age": max(row["xid_age"] for row in rows),
        "oldest_prepared_s": oldest,
        "prepared": tuple(
            Prepared(safe(row["gid"]), safe(row["owner"]), safe(row["database"]), max(0.0, row["age_s"]))
            for row in prepared
        ),
    }


def _database(row: Row) -> DatabaseCounters:
    numbers = {
        name: row[name] for name in ("connections", "deadlocks", "temp_files", "temp_bytes", "xid_age", "mxid_age")
    }
    return DatabaseCounters(name=safe(row["name"]), reset_at=row["reset_at"], **numbers)
