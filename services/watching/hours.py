"""Hours of the week in a time zone: "09:00-17:30" on some days, or "22:00-02:00" into the next. True across DST."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


class OfTheWeek(Protocol):
    """What a profile says about hours."""

    @property
    def tz(self) -> str: ...
    @property
    def days(self) -> tuple[int, ...]: ...
    @property
    def hours(self) -> str: ...


class Switched(OfTheWeek, Protocol):
    @property
    def invert(self) -> bool: ...


def times(hours: str) -> tuple[time, time]:
    """Their begin and end; ValueError where the text is not such a pair. "24:00" is the end of the day."""
    begin, dash, end = hours.partition("-")
    if not dash:
        raise ValueError(f'{hours!r} is not like "09:00-17:30"')
    return time.fromisoformat(begin.strip()), time.fromisoformat("00:00" if end.strip() == "24:00" else end.strip())


def spell(hours: OfTheWeek, wall: float) -> tuple[float, float] | None:
    """When the hours began that it is now in, and when they end, in unix seconds; None outside them."""
    return _spell(hours.tz, hours.days, hours.hours, int(wall // 60))


def outside(hours: Switched, wall: float) -> str:
    """Why a rule with these hours is not judged now; "" when it is."""
    inside = spell(hours, wall) is not None
    if inside != hours.invert:
        return ""
    return f"not judged {'in' if hours.invert else 'outside'} {words(hours)}"


def words(hours: OfTheWeek) -> str:
    return f"{' '.join(_DAYS[day - 1] for day in hours.days)} {hours.hours} {hours.tz}"


@lru_cache(maxsize=256)
def _spell(tz: str, days: tuple[int, ...], hours: str, minute: int) -> tuple[float, float] | None:
    zone, now = ZoneInfo(tz), minute * 60.0
    today = datetime.fromtimestamp(now, zone).date()
    for day in (today, today - timedelta(days=1)):  # what began yesterday may go on past midnight
        if day.isoweekday() in days:
            begin, end = _edges(day, hours, zone)
            if begin <= now < end:
                return begin, end
    return None


def _edges(day: date, hours: str, zone: ZoneInfo) -> tuple[float, float]:
    begin, end = times(hours)
    last = day if end > begin else day + timedelta(days=1)
    return _moment(datetime.combine(day, begin), zone, 0), _moment(datetime.combine(last, end), zone, -1)


def _moment(clock: datetime, zone: ZoneInfo, which: int) -> float:
    """When that is on the clock: of two moments when clocks go back, the first or the last; of none, the next there is.

    So a spell has no hole when an hour comes twice, and is shorter when one is left out.
    """
    moments = sorted(clock.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1))
    if datetime.fromtimestamp(moments[0], zone).replace(tzinfo=None) == clock:
        return moments[which]
    left_out = range(int(moments[0]), int(moments[1]) + 60, 60)
    return next(at for at in left_out if datetime.fromtimestamp(at, zone).replace(tzinfo=None) >= clock)
