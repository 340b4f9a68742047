"""The tables under [maintenance]: hours that come again every week, in which nobody is told of what is worked on."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from services.metrics.match import condition
from services.model import Model
from services.profile.week import Week


class Maintenance(Week):
    title: str
    match: dict[str, str] = Field(default_factory=dict)  # key, rule, source, severity, level or a label; {}: everything

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
