"""What MinIO says of itself beyond S3: moto, which stands for its S3, says nothing of the kind."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

DRIVES = 4  # on a node
NEEDED = 9  # drives to write
USABLE = 8_000_000_000_000
SINCE = 400_000  # requests before the demo began
PACE = 12.0  # requests a second


@dataclass
class Minio:
    nodes: tuple[str, ...] = ("minio-0", "minio-1", "minio-2", "minio-3")
    offline: set[str] = field(default_factory=set)
    used: float = 0.54  # of what is usable
    _began: float = field(default_factory=time.monotonic)

    @property
    def quorum(self) -> bool:
        return (len(self.nodes) - len(self.offline)) * DRIVES >= NEEDED

    def metrics(self) -> str:
        away = len(self.offline)
        there = len(self.nodes) - away
        requests = SINCE + int(PACE * (time.monotonic() - self._began))
        told = (
            ("minio_cluster_capacity_usable_total_bytes", "gauge", USABLE),
            ("minio_cluster_capacity_usable_free_bytes", "gauge", int(USABLE * (1 - self.used))),
            ("minio_cluster_drive_online_total", "gauge", there * DRIVES),
            ("minio_cluster_drive_offline_total", "gauge", away * DRIVES),
            ("minio_cluster_nodes_online_total", "gauge", there),
            ("minio_cluster_nodes_offline_total", "gauge", away),
            ("minio_s3_requests_total", "counter", requests),
            ("minio_s3_requests_5xx_errors_total", "counter", SINCE // 5_000),
        )
        labels = '{server="minio-0"}'
        return "".join(f"# TYPE {name} {kind}\n{name}{labels} {value}\n" for name, kind, value in told)
