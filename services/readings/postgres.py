"""What a PostgreSQL server says of itself."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.figure import NO_DATA_YET, Figure, Unknown, number
from services.readings.replication import Archiver, Replication
from services.readings.sessions import Blocking, Session, SessionGroup

XIDS = 2**31  # so far apart, transaction ids wrap around
_NO_REPLICATION_YET = Replication()
_NO_ARCHIVER_YET = Archiver()


@dataclass(frozen=True, slots=True)
class DatabaseCounters:
    """What the server counts for one database since its statistics were reset."""

    name: str
    connections: int
    deadlocks: int
    temp_files: int
    temp_bytes: int
    xid_age: int
    mxid_age: int
    reset_at: float | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A transaction prepared for two-phase commit; nobody need be connected for it to hold its locks."""

    gid: str
    owner: str
    database: str
    age_s: float


@dataclass(frozen=True, slots=True)
class PostgresValues:
    """The server itself: who we are there, how full it is, who waits, and how far behind its standbys are.

    Without pg_read_all_stats the server hides other people's sessions: everything told of sessions is then unknown.
    """

    host: str  # host:port/dbname
    user: str
    version: str
    system_identifier: str
    in_recovery: bool
    started_at: float
    clock_skew_s: float  # database clock minus ours
    used: Figure  # client connections
    active: Figure
    idle_in_transaction: Figure
    lock_waiting: Figure
    max_connections: int
    size_bytes: Figure  # of the connected database
    roles: tuple[str, ...] = ()  # which of watchdeck_support, _viewer, _operator, _admin we are a member of
    ledger: bool = False  # the ledger's schema is installed
    reserved: int = 0  # connections kept for superusers and for pg_use_reserved_connections
    idle: Figure = NO_DATA_YET
    oldest_idle_tx_s: Figure = NO_DATA_YET  # longest idle in a transaction; 0 when nobody is
    oldest_tx_s: Figure = NO_DATA_YET  # longest open transaction of a client; 0 when there is none
    xmin_age: Figure = NO_DATA_YET  # transactions since the oldest snapshot held: what vacuum may not clean yet
    long_count: Figure = NO_DATA_YET  # sessions longer at it than the profile allows
    blocked: Figure = NO_DATA_YET  # sessions that wait for another one
    sessions: tuple[Session, ...] | Unknown = NO_DATA_YET  # long ones first, then the busy, then the idle; at most 100
    groups: tuple[SessionGroup, ...] | Unknown = NO_DATA_YET  # the most numerous first; at most 30
    blocking: tuple[Blocking, ...] | Unknown = NO_DATA_YET  # at most 200 lines
    replication: Replication = _NO_REPLICATION_YET
    archiver: Archiver = _NO_ARCHIVER_YET
    databases: tuple[DatabaseCounters, ...] = ()
    prepared: tuple[Prepared, ...] = ()  # the oldest first; at most 50
    oldest_prepared_s: Figure = NO_DATA_YET  # 0 when there is none
    deadlocks: Figure = NO_DATA_YET  # of all databases, since their statistics were reset
    temp_bytes: Figure = NO_DATA_YET
    xid_age: Figure = NO_DATA_YET  # of the oldest database: at 2**31 the server stops to write
    transactions_per_s: Figure = NO_DATA_YET  # committed and rolled back, since the poll before
    cache_hit_share: Figure = NO_DATA_YET  # blocks found in shared buffers, since the poll before

    @property
    def usable(self) -> int:
        """Connections that an ordinary role can have."""
        return max(1, self.max_connections - self.reserved)

    @property
    def saturation(self) -> Figure:
        """Client connections as a share of what the server allows ordinary roles."""
        used = number(self.used)
        return self.used if isinstance(self.used, Unknown) or used is None else used / self.usable

    @property
    def wraparound(self) -> Figure:
        """The oldest transaction id's age as a share of what there are."""
        age = number(self.xid_age)
        return self.xid_age if isinstance(self.xid_age, Unknown) or age is None else age / XIDS
