"""[sources.NAME] kind = "clocks": whether the clocks of servers agree, as each tells the time in its answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Model, Seconds
from services.profile.sources.asked import Asked


class Server(Model):
    url: str  # any address of it that answers, whatever it answers


class ClocksSource(Asked):
    kind: Literal["clocks"]
    servers: dict[str, Server] = Field(min_length=2)
    interval: Seconds = 60.0
