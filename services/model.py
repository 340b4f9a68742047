"""The base of every model that is read from TOML: strict, frozen, unknown keys refused."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kMGT]?i?B)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def parse_duration(value: object) -> object:
    """`"90s"`, `"1h30m"` or a number of seconds, as seconds.

    >>> parse_duration("1h30m")
    5400.0
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a duration is a text like '30s', '5m' or '1h30m'")
    if isinstance(value, int | float):
        if not 0 <= value < math.inf:
            raise ValueError("a duration is not negative, and ends")
        return float(value)
    parts = _DURATION.findall(value)
    if not parts or "".join(n + u for n, u in parts) != value.replace(" ", ""):
        raise ValueError(f"{value!r} is not a duration like '30s', '5m' or '1h30m'")
    return sum(float(n) * _UNITS[u] for n, u in parts)


def spell_duration(seconds: float) -> str:
    """The other way round, in whole seconds.

    >>> spell_duration(5400.0), spell_duration(86_400.0)
    ('1h30m', '1d')
    """
    left, told = round(seconds), ""
    for unit in ("d", "h", "m", "s"):
        count, left = divmod(left, round(_UNITS[unit]))
        told += f"{count}{unit}" if count else ""
    return told or "0s"


Seconds = Annotated[float, BeforeValidator(parse_duration)]


def parse_size(value: object) -> object:
    """`"200GB"`, `"1.5 TiB"` or a number of bytes, as bytes.

    >>> parse_size("1.5kB"), parse_size("2 GiB")
    (1500, 2147483648)
    """
    if isinstance(value, str):
        found = _SIZE.fullmatch(value)
        if not found or found[2] not in _SIZES:
            raise ValueError(f"{value!r} is not a size like '500MB' or '200GiB'")
        return round(float(found[1]) * _SIZES[found[2]])
    return value


Size = Annotated[int, BeforeValidator(parse_size), Field(gt=0)]
