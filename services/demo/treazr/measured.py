"""What the API counts about itself and about browsers, in Prometheus' text format."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from services.demo.measured import Histogram

TIMES = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5, 5.0)  # 1.5 is what the runbook asks
PAINTS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 8.0)  # and 3 here


class Measured:
    def __init__(self) -> None:
        self._began = time.time()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._logins = Counter({"success": 0, "failure": 0})
        self._times = Histogram("http_request_duration_seconds", "Time to answer, by route.", TIMES)
        self._paints = Histogram("web_vitals_lcp_seconds", "Largest contentful paint, as browsers report it.", PAINTS)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests[method, route, status] += 1
        self._times.add(route, seconds)

    def login(self, succeeded: bool) -> None:
        self._logins["success" if succeeded else "failure"] += 1

    def paint(self, route: str, seconds: float) -> None:
        self._paints.add(route, seconds)

    def text(self) -> str:
        return "\n".join([*self._counters(), *self._times.lines(), *self._paints.lines()]) + "\n"

    def _counters(self) -> Iterator[str]:
        yield "# TYPE process_start_time_seconds gauge"
        yield f"process_start_time_seconds {self._began:.3f}"
        yield "# TYPE http_requests_total counter"
        for (method, route, status), count in sorted(self._requests.items()):
            yield f'http_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
        yield "# TYPE login_attempts_total counter"
        for outcome, count in self._logins.items():
            yield f'login_attempts_total{{outcome="{outcome}"}} {count}'
