"""The tables under [maintenance]: hours that come again every week, in which nobody is told of what is worked on."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from services.hours import times
from services.metrics.match import condition
from services.model import Model


class Maintenance(Model):
    title: str
    tz: str = "UTC"  # IANA name; the hours are those of its clocks, in summer too
    days: tuple[int, ...] = Field(default=(1, 2, 3, 4, 5, 6, 7), min_length=1)  # ISO: Monday is 1; when it begins
    hours: str  # "22:00-02:00" goes on into the next day
    match: dict[str, str] = Field(default_factory=dict)  # key, rule, source, severity, level or a label; {}: everything

    @field_validator("tz")
    @classmethod
    def _known(cls, tz: str) -> str:
        try:
            ZoneInfo(tz)
        except (OSError, ValueError) as error:
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
        times(hours)
        return hours

    @field_validator("match")
    @classmethod
    def _patterns(cls, match: dict[str, str]) -> dict[str, str]:
        for name, text in match.items():
            try:
                condition(text)
            except re.error as error:
                raise ValueError(f"{name}: {text!r} holds no pattern: {error}") from error
        return match


class References(Model):
    """What is asked when several sources fail at once: where none of these answers, it is this machine's network."""

    tcp: tuple[str, ...] = ()  # "1.1.1.1:443": addresses, not names, beyond the own network
    timeout: float = Field(default=2.0, gt=0)
