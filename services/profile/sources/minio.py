"""[sources.NAME] kind = "minio": what MinIO tells beyond S3."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.asked import Asked


class MinioSource(Asked):
    kind: Literal["minio"]
    url: str
    headers: dict[str, str] = Field(default_factory=dict)  # Authorization = "Bearer ${TOKEN}" for the metrics
    interval: Seconds = 30.0
    timeout: Seconds = 3.0  # short: with a dead node the metrics can hang for a minute, which is an answer too
    metrics_path: str = "/minio/v2/metrics/cluster"
    max_bytes: int = Field(default=4_194_304, gt=0)
