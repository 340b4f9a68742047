"""Frozen dataclasses as plain data and back, by their type hints: what comes back is equal to what went in.

Unlike `services.plain`, which is for readers, this loses nothing: an unknown figure keeps its reason in its own place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from services.readings import AtLeast, Estimate, Unknown
from services.text import LIMIT, safe

T = TypeVar("T")
_MARKS: Mapping[type, str] = {Unknown: "unknown", Estimate: "estimate", AtLeast: "at_least"}
_ODD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}  # what JSON has no word for


class ShapeError(ValueError):
    """The data is not of the shape: where, what should be there."""


def encode(value: Any) -> Any:
    """As dicts, lists and scalars that JSON can say."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if is_dataclass(value) and not isinstance(value, type):
        of = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        mark = _MARKS.get(type(value))
        return {mark: list(of.values())} if mark else of
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    return value


def decode(hint: type[T], data: Any) -> T:
    """ShapeError says where the data is not what the type asks for."""
    found: T = _decode(hint, data, hint.__name__)
    return found


def _decode(hint: Any, data: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _decode(_option(get_args(hint), data, where), data, where)
    if origin is Literal:
        if data not in get_args(hint):
            raise _wrong("one of " + ", ".join(map(repr, get_args(hint))), data, where)
        return data
    if origin is tuple:
        return _tuple(get_args(hint), data, where)
    if is_dataclass(hint) and isinstance(hint, type):
        return _dataclass(hint, data, where)
    return _scalar(hint, data, where)


def _option(options: tuple[Any, ...], data: Any, where: str) -> Any:
    """Which type of a union the data is of."""
    for option in options:
        if _fits(option, data):
            return option
    raise _wrong(" or ".join(getattr(option, "__name__", str(option)) for option in options), data, where)


def _fits(option: Any, data: Any) -> bool:
    if get_origin(option) in (Union, UnionType):
        return any(_fits(inner, data) for inner in get_args(option))
    if get_origin(option) is tuple:
        return isinstance(data, list)
    if get_origin(option) is Literal:
        return data in get_args(option)
    if mark := _MARKS.get(option):
        return isinstance(data, dict) and data.keys() == {mark}
    if isinstance(option, type) and is_dataclass(option):
        names = {field.name for field in fields(option)}
        return isinstance(data, dict) and _needed(option) <= data.keys() <= names
    return _is(option, data)


def _is(kind: Any, data: Any) -> bool:
    if kind is NoneType:
        return data is None
    if kind is float:
        return (isinstance(data, int | float) and not isinstance(data, bool)) or _is_odd(data)
    if kind is int:
        return isinstance(data, int) and not isinstance(data, bool)
    return isinstance(data, kind)


def _is_odd(data: Any) -> bool:
    return isinstance(data, dict) and data.keys() == {"float"} and data["float"] in _ODD


def _scalar(kind: Any, data: Any, where: str) -> Any:
    if not _is(kind, data):
        raise _wrong(kind.__name__, data, where)
    if isinstance(data, str):
        return safe(data, 4 * LIMIT)  # it may be anybody's file
    return _ODD[data["float"]] if isinstance(data, dict) else data


def _tuple(of: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _wrong("a list", data, where)
    if of[-1] is Ellipsis:
        return tuple(_decode(of[0], item, f"{where}[{at}]") for at, item in enumerate(data))
    if len(data) != len(of):
        raise _wrong(f"{len(of)} items", data, where)
    return tuple(_decode(kind, item, f"{where}[{at}]") for at, (kind, item) in enumerate(zip(of, data, strict=True)))


def _dataclass(kind: type, data: Any, where: str) -> Any:
    hints = _hints(kind)
    if (mark := _MARKS.get(kind)) and isinstance(data, dict) and isinstance(data.get(mark), list):
        data = dict(zip(hints, data[mark], strict=False))
    if not isinstance(data, dict):
        raise _wrong(f"a table ({kind.__name__})", data, where)
    if unknown := data.keys() - hints.keys():
        raise ShapeError(f"{where}: {kind.__name__} has no field {safe(sorted(unknown)[0], 60)!r}")
    if missing := _needed(kind) - data.keys():
        raise ShapeError(f"{where}: the field {sorted(missing)[0]!r} is missing")
    return kind(**{name: _decode(hints[name], item, f"{where}.{name}") for name, item in data.items()})


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    every = get_type_hints(kind)
    return {field.name: every[field.name] for field in fields(kind)}


@cache
def _needed(kind: type) -> frozenset[str]:
    every = fields(kind)
    return frozenset(f.name for f in every if f.default is MISSING and f.default_factory is MISSING)


def _wrong(expected: str, data: Any, where: str) -> ShapeError:
    return ShapeError(f"{where}: expected {expected}, found {safe(repr(data), 60)}")
