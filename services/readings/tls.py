"""What certificates the servers show."""

from __future__ import annotations

from dataclasses import dataclass

from services.readings.fault import Fault
from services.readings.figure import NO_DATA_YET, Figure, Unknown, number


@dataclass(frozen=True, slots=True)
class Certificate:
    """The server's own certificate at one address; the rest of its chain is judged by the verification alone."""

    address: str
    days_left: Figure  # less than 0 once it is over
    not_after: Figure  # unix seconds
    trusted: Figure  # 1: verified, chain and name; 0: refused, and `said` says why
    subject: str = ""
    issuer: str = ""
    said: str = ""
    fault: Fault | None = None  # there was no certificate to look at


@dataclass(frozen=True, slots=True)
class TlsValues:
    certificates: tuple[Certificate, ...]

    @property
    def soonest_days(self) -> Figure:
        """Until the first of the certificates that could be read runs out; `unread` counts those that could not."""
        days = [found for each in self.certificates if (found := number(each.days_left)) is not None]
        if days:
            return min(days)
        whys = (each.days_left for each in self.certificates if isinstance(each.days_left, Unknown))
        return next(whys, NO_DATA_YET)

    @property
    def unread(self) -> int:
        return sum(each.fault is not None for each in self.certificates)

    @property
    def refused(self) -> int:
        return sum(each.trusted == 0 for each in self.certificates)
