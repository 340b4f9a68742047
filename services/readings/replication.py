"""Replication as seen from where we are connected, and the archiving of WAL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.readings.figure import NO_DATA_YET, Figure, Unknown


@dataclass(frozen=True, slots=True)
class Standby:
    """One standby that is connected to this server. One that is gone has no such row: see Replication.missing."""

    pid: int  # of its walsender here
    name: str  # its application_name
    client: str
    state: str  # streaming, catchup, startup, backup
    sync: str  # async, sync, potential, quorum
    lag_s: Figure
    lag_bytes: Figure  # WAL that it has not replayed
    reply_age_s: Figure  # since it last said anything


@dataclass(frozen=True, slots=True)
class Receiver:
    """How this server, a standby, gets its WAL."""

    status: str  # streaming, or what it does instead; "" when there is no receiver at all
    sender: str  # host:port
    message_age_s: Figure  # an idle primary may be silent for half of wal_receiver_timeout
    paused: bool  # somebody has paused the replay
    replayed_age_s: Figure  # of the last replayed transaction, by its own commit time


@dataclass(frozen=True, slots=True)
class Slot:
    name: str
    kind: str  # physical, logical
    active: bool
    wal_status: str  # reserved, extended, unreserved, lost; "" when it reserves nothing
    retained_bytes: Figure  # WAL kept for it
    safe_bytes: Figure  # WAL that can still be written before it is lost; unknown when there is no limit


@dataclass(frozen=True, slots=True)
class Replication:
    """`lag_s` is 0 only where everything known of is replayed and the other end was heard of lately.

    Seen from the server that sends, it is the largest of its standbys' (at least that, while one is missing); seen
    from a standby it is its own, an estimate while nothing comes from the primary. Unknown says why.
    """

    role: Literal["primary", "standby"] = "primary"
    lag_s: Figure = NO_DATA_YET
    lag_bytes: Figure = NO_DATA_YET
    streaming: Figure = NO_DATA_YET  # standbys that stream from here; on a standby 1 or 0: whether it receives
    missing: Figure = NO_DATA_YET  # expected standbys (`replicas` in the profile) that do not stream from here
    standbys: tuple[Standby, ...] | Unknown = NO_DATA_YET
    slots: tuple[Slot, ...] = ()
    retained_bytes: Figure = NO_DATA_YET  # the most WAL kept for one slot
    receiver: Receiver | None = None  # on a standby


@dataclass(frozen=True, slots=True)
class Archiver:
    """Archiving of WAL. `failing`: the newest try failed; unknown while archive_mode is off, as are the rest."""

    mode: str = ""  # off, on, always
    failing: bool | Unknown = NO_DATA_YET
    last_ok_s: Figure = NO_DATA_YET  # since a segment was archived; an idle server has none to archive
    last_failed_s: Figure = NO_DATA_YET
    behind: Figure = NO_DATA_YET  # complete segments after the last archived one
    last_wal: str = ""  # name of the last archived segment; "" when there is none
    last_failed_wal: str = ""
