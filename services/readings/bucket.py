"""How a bucket is set up, and whether what should arrive in it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.readings.fault import Fault
from services.readings.figure import Figure, Unknown

# "not configured" is the store's own answer; "not permitted" and "not supported" mean that nobody knows.
SETTINGS = ("versioning", "encryption", "lifecycle", "replication", "object lock", "public access block")
State = Literal["on", "off", "not configured", "not permitted", "not supported", "failed"]


@dataclass(frozen=True, slots=True)
class Setting:
    name: str  # one of SETTINGS
    state: State
    detail: str = ""  # "AES256", "2 rules", or why it is not known

    @property
    def on(self) -> Figure:
        """1 or 0; unknown when the store did not say."""
        match self.state:
            case "on":
                return 1
            case "off" | "not configured":
                return 0
            case "not supported":
                return Unknown("not recorded", self.detail)
            case why:
                return Unknown(why, self.detail)


@dataclass(frozen=True, slots=True)
class Arrival:
    """The newest of the objects that should keep coming below a prefix.

    It proves that something of that size was stored at that time, and nothing more: not that a backup restores; and of
    archived WAL not that the segment which PostgreSQL last archived is there, nor that none before it is missing.
    A server without writes and without `archive_timeout` archives nothing: the age grows, and nothing is wrong.
    """

    name: str
    prefix: str
    count: Figure  # a folder is one
    newest: str  # its key, or its folder
    age_s: Figure
    bytes: Figure
    size_share: Figure  # of the median of the ones before
    overdue: Figure  # 1: the newest is older than it may be, or there is none at all
    shrunken: Figure  # 1: the newest is smaller than its share of the usual size
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class BucketValues:
    endpoint: str
    bucket: str
    settings: tuple[Setting, ...]
    leftovers: Figure  # multipart uploads that were begun and neither completed nor aborted
    leftovers_age_s: Figure  # of the oldest; 0 when there is none
    arrivals: tuple[Arrival, ...] = ()
