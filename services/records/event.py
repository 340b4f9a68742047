"""One thing that happened to a record: records are the sum of their events, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OPENED = "opened"  # the first event of each record; its body has `kind`, `of` (the profile's id) and `title`
CLOSED = "closed"  # an incident, a drill, a form, a window is complete from here on
SET = "set"  # one of its texts is another from here on: `field`, `text`
NOTED = "noted"  # somebody said something: `text`


@dataclass(frozen=True)
class Event:
    number: int  # within the file, in the order of their being written
    record: str  # "run-4f2a", "incident-81c0"
    at: float  # Unix seconds
    by: str
    what: str
    body: Mapping[str, Any] = field(default_factory=dict)  # plain JSON; its texts are as typed: not yet safe
