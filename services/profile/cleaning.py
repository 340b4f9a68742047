"""effect = "files": old files of one folder on this machine, listed first and then deleted."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.model import Seconds, parse_size
from services.profile.acting import Acting, Cap

NameGlob = Annotated[str, Field(pattern=r"^[^/\x00]+$")]


class FilesAction(Acting):
    """Deletes regular files below `directory`, whose names match and which nobody has written to for so long.

    It is the machine that the console runs on. No symlink is followed, no other file system entered. The newest
    `keep` of all that match stay, however old they are.
    """

    effect: Literal["files"]
    directory: str
    match: Annotated[tuple[NameGlob, ...], Field(min_length=1)]  # of the file's name: "*.log", "db_*.sql.gz"
    older_than: Annotated[Seconds, Field(gt=0)]  # since it was last written to
    keep: int = Field(default=1, ge=1)
    least: int = Field(default=1, ge=0)  # bytes: what is smaller does not count among those kept, for it is no backup
    depth: int = Field(default=1, ge=1, le=8)  # 1: in the folder itself only
    risk: Literal["high"] = "high"  # what is deleted is gone
    cap: Cap = 1000
    timeout: Seconds = 300.0

    @property
    def complete(self) -> bool:
        return True

    @field_validator("directory")
    @classmethod
    def _is_one_folder(cls, directory: str) -> str:
        parts = directory.split("/")
        if not directory.startswith("/") or not any(parts) or ".." in parts:
            raise ValueError("the whole path of a folder, without `..`: a relative one depends on where it is started")
        return directory

    @field_validator("match")
    @classmethod
    def _keeps_something_out(cls, match: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in match:
            if not re.search(r"\w", re.sub(r"\[[^]]*\]", "", pattern)):
                raise ValueError(f"{pattern!r} would match anything: name an ending at least, as in *.log")
        return match

    @field_validator("least", mode="before")
    @classmethod
    def _in_bytes(cls, least: object) -> object:
        return parse_size(least)
