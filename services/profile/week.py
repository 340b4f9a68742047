"""Hours that come again every week, in a time zone: when a rule is judged, when there is maintenance."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from services.model import Model
from services.watching.hours import times


class Week(Model):
    tz: str = "UTC"  # IANA name; the hours are those of its clocks, in summer too
    days: tuple[int, ...] = Field(default=(1, 2, 3, 4, 5, 6, 7), min_length=1)  # ISO: Monday is 1; when it begins
    hours: str  # "22:00-02:00" goes on into the next day

    @field_validator("tz")
    @classmethod
    def _known(cls, tz: str) -> str:
        try:
            ZoneInfo(tz)
        except (KeyError, OSError, ValueError) as error:
            raise ValueError(f"there is no time zone {tz!r} on this machine: names are like 'Europe/London'") from error
        return tz

    @field_validator("days")
    @classmethod
    def _of_a_week(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if bad := [day for day in days if day not in range(1, 8)]:
            raise ValueError(f"days go from 1, Monday, to 7, Sunday: {bad[0]} is none")
        return days

    @field_validator("hours")
    @classmethod
    def _a_pair(cls, hours: str) -> str:
        try:
            times(hours)
        except ValueError as error:
            raise ValueError(f'{hours!r} is not like "09:00-17:30"') from error
        return hours
