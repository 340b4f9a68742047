"""[sources.NAME] kind = "backups": the dumps that an action makes, and what restore tests have said of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.asked import Asked


class BackupsSource(Asked):
    kind: Literal["backups"]
    action: str  # with effect = "backup"
    # key that a segment of archived WAL gets, as in wal/{segment}.gz: whether the one that PostgreSQL archived last has
    # arrived. Empty: nobody looks.
    wal: Annotated[str, Field(pattern=r"^(.*\{segment\}.*)?$")] = ""
    interval: Seconds = 60.0
    timeout: Seconds = 20.0
