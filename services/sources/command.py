"""A command: its exit code, and the figures that the profile finds in what it prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from services.errors import SourceError
from services.profile import CommandSource
from services.readings import NamedFigure, NamedValues
from services.run import FLOOD, Ran, run
from services.sources.perfdata import perfdata
from services.sources.printed import by_path, by_pattern
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

_STOP_S = 1.0  # of the time it has, kept for ending it and reading the rest


def make(name: str, spec: CommandSource, parts: Parts) -> Command:
    return Command(name, spec)


class Command:
    """Run on an interval. That it failed is its answer; only one that gave none is a fault."""

    def __init__(self, name: str, spec: CommandSource) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout + _STOP_S
        self._spec = spec
        self._shown = safe(" ".join(spec.argv), 200)

    async def fetch(self) -> NamedValues:
        spec = self._spec
        ran = await run(spec.argv, spec.timeout, spec.max_bytes, spec.directory, spec.env)
        if ran.code is None:
            raise self._ended(ran)
        out = ran.out.decode("utf-8", "replace")
        said = next((line for line in (*out.splitlines(), *_lines(ran.err)) if line.strip()), "")
        figures = (
            NamedFigure("exit_code", ran.code),
            NamedFigure("took_s", ran.took_s, "s"),
            *self._printed(out),
            *(perfdata(out) if spec.perfdata else ()),
        )
        return NamedValues(self._shown, figures, ran.code in spec.ok, safe(said, 300))

    async def close(self) -> None:
        """Nothing: a run that is cancelled takes its command with it."""

    def _printed(self, out: str) -> Iterator[NamedFigure]:
        document: Any = _document(out) if any(figure.json_ for figure in self._spec.figures.values()) else None
        for name, figure in self._spec.figures.items():
            value = by_pattern(out, figure.pattern) if figure.pattern else by_path(document, figure.json_)
            yield NamedFigure(safe(name, 100), value, figure.unit)

    def _ended(self, ran: Ran) -> SourceError:
        if ran.ended == "timeout":
            return SourceError(
                "timeout",
                f"{self._shown}: had not ended after {self._spec.timeout:g} s, and was ended with all it had started",
                "a slow command needs a longer `timeout`; see whether it waits for input or for a lock",
            )
        return SourceError(
            "limit",
            f"{self._shown}: printed more than {FLOOD * self._spec.max_bytes:,} bytes and was ended",
            "let it print less: what is kept of it is `max_bytes`",
        )


def _document(out: str) -> Any:
    """The JSON document in the output; the error that there is none, where there is none."""
    try:
        return json.loads(out)
    except ValueError as error:
        return error


def _lines(err: bytes) -> list[str]:
    return err.decode("utf-8", "replace").splitlines()
