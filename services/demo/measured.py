"""What the demo's API counts about itself, and how it says so in Prometheus' text format."""

from __future__ import annotations

from collections import Counter

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Measured:
    """Requests by method, endpoint and status, and a latency histogram by endpoint."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}
        self._count: Counter[str] = Counter()

    def add(self, method: str, endpoint: str, status: int, seconds: float) -> None:
        self._requests[method, endpoint, status] += 1
        self._count[endpoint] += 1
        self._seconds[endpoint] = self._seconds.get(endpoint, 0.0) + seconds
        for bound in BUCKETS:
            if seconds <= bound:
                self._buckets[endpoint, bound] += 1

    def text(self) -> str:
        lines = [
            "# HELP http_requests_total Requests answered, by method, endpoint and status.",
            "# TYPE http_requests_total counter",
        ]
        for (method, endpoint, status), count in sorted(self._requests.items()):
            lines.append(f'http_requests_total{{method="{method}",path="{endpoint}",status="{status}"}} {count}')
        lines += [
            "# HELP http_request_duration_seconds Time to answer, by endpoint.",
            "# TYPE http_request_duration_seconds histogram",
        ]
        for endpoint in sorted(self._count):
            lines += self._histogram(endpoint)
        return "\n".join(lines) + "\n"

    def _histogram(self, endpoint: str) -> list[str]:
        name = "http_request_duration_seconds"
        lines = [
            f'{name}_bucket{{path="{endpoint}",le="{bound}"}} {self._buckets[endpoint, bound]}' for bound in BUCKETS
        ]
        return [
            *lines,
            f'{name}_bucket{{path="{endpoint}",le="+Inf"}} {self._count[endpoint]}',
            f'{name}_sum{{path="{endpoint}"}} {self._seconds[endpoint]:.6f}',
            f'{name}_count{{path="{endpoint}"}} {self._count[endpoint]}',
        ]
