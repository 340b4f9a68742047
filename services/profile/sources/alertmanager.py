"""[sources.NAME] kind = "alertmanager": what somebody else's Alertmanager was told, and what is silenced there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.metrics import OverHttp


class AlertmanagerSource(OverHttp):
    kind: Literal["alertmanager"]
    interval: Seconds = 10.0
    max_bytes: int = Field(default=8_388_608, gt=0)  # of the alerts, and of the silences
