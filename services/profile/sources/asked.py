"""What every table under [sources] has: how often it is asked, and what its silence means."""

from __future__ import annotations

from services.model import Model, Seconds


class Asked(Model):
    interval: Seconds = 5.0
    timeout: Seconds = 3.0
    title: str = ""
    runbook: str = ""
    severity: str = ""  # of the alert while it does not answer
