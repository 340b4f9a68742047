"""[sources.NAME] kind = "due": how much there is for the profile's purges to delete, by their own queries."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.asked import Asked


class DueSource(Asked):
    kind: Literal["due"]
    actions: Annotated[tuple[str, ...], Field(min_length=1)]  # each with effect = "purge"
    interval: Seconds = 60.0
    timeout: Seconds = 5.0
