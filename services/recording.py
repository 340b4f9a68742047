"""Readings in a file and back: one line of JSON each, so that what happened can be looked at again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO, get_args

from services import typed
from services.errors import ConfigError
from services.figures import KINDS
from services.readings import Fault, Reading, Values
from services.text import safe
from services.typed import ShapeError

FORMAT = 1
SHAPES = MappingProxyType({shape.__name__: shape for shape in get_args(Values)})


@dataclass(frozen=True, slots=True)
class Header:
    """The first line."""

    recording: int  # the version of the format
    profile: str
    at: float  # unix seconds: when it began


def encode(values: Values) -> dict[str, Any]:
    """What a source reports, with the name of its shape."""
    return {"shape": type(values).__name__, **typed.encode(values)}


def decode(name: str, data: Any) -> Values:
    """Back again; `name` is a kind of source or a shape, "" where the data names its shape. ShapeError tells where it
    is not of that shape."""
    if not isinstance(data, dict):
        raise ShapeError(f"expected a table, found {safe(repr(data), 60)}")
    told = str(data.get("shape", ""))
    shape = SHAPES.get(told) or SHAPES.get(name) or KINDS.get(name)
    if shape is None:
        raise ShapeError(f"there is no shape {safe(told or name, 60)!r}; there are {', '.join(SHAPES)}")
    found: Values = typed.decode(shape, {key: value for key, value in data.items() if key != "shape"})
    return found


def write_header(file: TextIO, header: Header) -> None:
    file.write(json.dumps(typed.encode(header)) + "\n")


def write(file: TextIO, reading: Reading) -> None:
    line = {
        "source": reading.source,
        "at": reading.at,
        "mono": reading.mono,
        "took_s": reading.took_s,
        "interval_s": reading.interval_s,
        "values": None if reading.values is None else encode(reading.values),
        "fault": typed.encode(reading.fault),
        "note": reading.note,
    }
    file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")


def read(path: Path) -> tuple[Header, Iterator[Reading]]:
    """The header, and the readings as they are asked for. ConfigError names the file, the line and what is wrong."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}", "`watchdeck rules record FILE` writes one") from error
    if not lines:
        raise ConfigError(f"{path}: it is empty", "`watchdeck rules record FILE` writes one")
    header = _header(path, lines[0])
    if header.recording != FORMAT:
        raise ConfigError(f"{path}: a recording of version {header.recording}; this is {FORMAT}", "record it again")
    return header, _readings(path, lines)


def _header(path: Path, line: str) -> Header:
    try:
        return typed.decode(Header, json.loads(line))
    except ValueError as error:
        raise ConfigError(
            f"{path}: line 1: not the beginning of a recording: {safe(error, 200)}",
            "`watchdeck rules record FILE` writes one",
        ) from error


def _readings(path: Path, lines: list[str]) -> Iterator[Reading]:
    """A last line that breaks off is left out: whoever recorded was stopped while writing it."""
    for number, line in enumerate(lines[1:], 2):
        try:
            yield _reading(json.loads(line))
        except ValueError as error:
            if number == len(lines) and isinstance(error, json.JSONDecodeError):
                return
            raise ConfigError(f"{path}: line {number}: {safe(error, 300)}", "record it again") from error


def _reading(data: Any) -> Reading:
    if not isinstance(data, dict):
        raise ShapeError("not a reading")
    values, fault = data.get("values"), data.get("fault")
    if (values is None) == (fault is None):
        raise ShapeError("a reading has values or a fault")
    bare = typed.decode(_Bare, {key: part for key, part in data.items() if key not in ("values", "fault")})
    return Reading(
        bare.source,
        bare.at,
        bare.mono,
        bare.took_s,
        bare.interval_s,
        None if values is None else decode("", values),
        None if fault is None else typed.decode(Fault, fault),
        bare.note,
    )


@dataclass(frozen=True, slots=True)
class _Bare:
    """A reading without what it brought."""

    source: str
    at: float
    mono: float
    took_s: float
    interval_s: float
    note: str = ""
