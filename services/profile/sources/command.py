"""[sources.NAME] kind = "command": a program that is run, its exit code, and figures in what it prints."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from services.model import Model, Seconds
from services.profile.sources.asked import Asked


def _pattern(text: str) -> str:
    try:
        groups = re.compile(text).groups
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from error
    if groups != 1:
        raise ValueError(f"the pattern needs one group, for the figure; it has {groups}")
    return text


OneGroup = Annotated[str, AfterValidator(_pattern)]
Argv = Annotated[tuple[str, ...], Field(min_length=1)]


class PrintedFigure(Model):
    """Where in the output a figure stands: a path through a JSON document, or a pattern with one group."""

    json_: str = Field(default="", alias="json")  # steps joined by dots; a number picks from a list
    pattern: OneGroup | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _one_place(self) -> PrintedFigure:
        if bool(self.json_) == bool(self.pattern):
            raise ValueError("a figure needs either `json`, a path, or `pattern` with one group")
        return self


class CommandSource(Asked):
    kind: Literal["command"]
    argv: Argv  # never a shell's line
    directory: str = ""  # to run it in; empty: where the console was started
    env: dict[str, str] = Field(default_factory=dict)  # beside the console's own
    ok: tuple[int, ...] = (0,)  # exit codes that are no failure
    figures: dict[str, PrintedFigure] = Field(default_factory=dict)
    perfdata: bool = False  # figures behind the `|` of a Nagios plugin's output
    max_bytes: int = Field(default=65_536, gt=0)
    interval: Seconds = 60.0
    timeout: Seconds = 10.0
