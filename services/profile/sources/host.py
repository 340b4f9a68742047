"""[sources.NAME] of the machine that the console runs on: kind = "host", "disk", "files"."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Model, Seconds, Size
from services.profile.sources.asked import Asked


class HostSource(Asked):
    kind: Literal["host"]
    processes: dict[str, str] = Field(default_factory=dict)  # name -> pattern in the command line: memory by name
    top: int = Field(default=0, ge=0, le=50)  # so many processes that hold the most memory are told one by one


class Quota(Model):
    """A folder that may not grow without end, though its disk has room: logs, spool, cache."""

    path: str
    capacity: Size


class DiskSource(Asked):
    """Mount points, and folders with a size of their own, which are told as if each were mounted."""

    kind: Literal["disk"]
    mounts: tuple[str, ...] = Field(default=("/",), min_length=1)
    folders: dict[str, Quota] = Field(default_factory=dict)
    interval: Seconds = 30.0


class FilesSource(Asked):
    """The newest of the files that match: backups, exports, dumps."""

    kind: Literal["files"]
    glob: str
    interval: Seconds = 60.0
    timeout: Seconds = 10.0
