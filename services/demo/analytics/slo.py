"""How the web application kept its promises in the last minute: what /api/monitoring/slo tells."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

WINDOW_S = 60.0
WARN_P95_MS, WARN_ERRORS = 800.0, 2.0


@dataclass
class Slo:
    """Of the requests that people make; those that ask for these very figures are none."""

    _seen: deque[tuple[float, float, bool]] = field(default_factory=deque)  # when, seconds, well

    def add(self, took_s: float, well: bool) -> None:
        self._seen.append((time.monotonic(), took_s, well))
        while self._seen and self._seen[0][0] < time.monotonic() - WINDOW_S:
            self._seen.popleft()

    def told(self) -> dict[str, Any]:
        """Percent and milliseconds; null where there was nothing to judge by."""
        kept = [each for each in self._seen if each[0] >= time.monotonic() - WINDOW_S]
        if not kept:
            return {"availability": None, "p95_latency_ms": None, "error_rate": None, "requests": 0}
        errors = 100 * sum(not well for _, _, well in kept) / len(kept)
        slowest = sorted(took for _, took, _ in kept)[int(0.95 * (len(kept) - 1))]
        return {
            "availability": round(100 - errors, 3),
            "p95_latency_ms": round(1000 * slowest, 1),
            "error_rate": round(errors, 3),
            "requests": len(kept),
            "window_s": WINDOW_S,
        }
