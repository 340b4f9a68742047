"""[sources.NAME] of the machine that the console runs on: kind = "host", "disk", "files"."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.asked import Asked


class HostSource(Asked):
    kind: Literal["host"]
    processes: dict[str, str] = Field(default_factory=dict)  # name -> pattern in the command line: memory by name


class DiskSource(Asked):
    kind: Literal["disk"]
    mounts: tuple[str, ...] = Field(default=("/",), min_length=1)
    interval: Seconds = 30.0


class FilesSource(Asked):
    """The newest of the files that match: backups, exports, dumps."""

    kind: Literal["files"]
    glob: str
    interval: Seconds = 60.0
    timeout: Seconds = 10.0
