"""Logs that a test follows, at times of its choosing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from services.clock import SystemClock
from services.profile import LogsSource
from services.sources.logs import Logs


class Moved(SystemClock):
    """The machine's clock, and some time more."""

    by = 0.0

    def mono(self) -> float:
        return super().mono() + self.by

    def wall(self) -> float:
        return super().wall() + self.by


@contextlib.asynccontextmanager
async def followed(clock: Moved | None = None, **spec: Any) -> AsyncIterator[Logs]:
    source = Logs("log", LogsSource(kind="logs", **spec), clock or Moved())
    try:
        yield source
    finally:
        await source.close()
