"""[sources.NAME] of a machine's services: kind = "systemd" for units and timers, kind = "logs" for what they write."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from services.profile.sources.asked import Asked
from services.profile.sources.command import Argv, OneGroup


class SystemdSource(Asked):
    kind: Literal["systemd"]
    units: tuple[str, ...] = Field(min_length=1)  # names or patterns; without a suffix it is a .service
    systemctl: Argv = ("systemctl",)  # or ["systemctl", "--user"], or ["ssh", "host", "systemctl"]


def _compiles(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from error
    return text


class LogsSource(Asked):
    """A journal's units, or files. One or the other: each has its own way of going wrong."""

    kind: Literal["logs"]
    units: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()  # files or globs; followed by inode, so that rotation loses nothing
    journalctl: Argv = ("journalctl",)
    keep: int = Field(default=500, ge=1, le=5_000)  # lines
    max_bytes: int = Field(default=1_048_576, ge=4_096)  # that may wait to be read; older lines give way
    level: OneGroup | None = None  # finds the level in lines of text, where ours does not
    request: OneGroup | None = None  # finds the id of the request that a line belongs to
    redact: tuple[Annotated[str, AfterValidator(_compiles)], ...] = ()  # what must never be shown

    @model_validator(mode="after")
    def _one_place(self) -> LogsSource:
        if bool(self.units) == bool(self.paths):
            raise ValueError("logs come from either `units` of the journal or `paths` of files")
        return self
