"""[sources.NAME] kind = "http": health endpoints."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.profile.sources.asked import Asked


class HttpSource(Asked):
    kind: Literal["http"]
    url: str
    paths: tuple[str, ...]
    headers: dict[str, str] = Field(default_factory=dict)
    max_bytes: int = Field(default=262_144, gt=0)
    version_field: str = "version"  # top-level key of a JSON answer
