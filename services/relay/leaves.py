"""A source's values as leaves, each at its place, and back: what a metric can carry is one number or one text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from services import typed
from services.figures import NAMES
from services.readings import (
    AuditEntry,
    Blocking,
    FailureGroup,
    LogLine,
    ReaperRun,
    Run,
    Session,
    StaleLock,
    StatementFigures,
    Unknown,
    Values,
)
from services.readings.private import WITHHELD, is_private, without_words

ROWS = 20  # of lists to look at, which nothing is counted from: the first ones are what an overview shows
CUT = (AuditEntry, Blocking, FailureGroup, LogLine, ReaperRun, Run, Session, StaleLock, StatementFigures)
LEAVES = 5000  # of any other list: whatever is in somebody's tables, a Prometheus can hold it
LONGEST = 200  # characters of a text
_FIGURES = ("estimate", "at_least")

Kind = Literal["number", "bool", "text", "null", "list", "table"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """`at` is a JSON pointer (RFC 6901) into the encoded values; `path` is how rules call the figure."""

    at: str
    path: str
    kind: Kind
    value: float | str = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a source, and how many items were too many to be told: what there is of it is not whole then."""

    leaves: tuple[Leaf, ...]
    dropped: int = 0


def tell(values: Values) -> Told:
    """Lists are cut before they are encoded: 20,000 series are not gone through to tell of the first ones."""
    found: list[Leaf] = []
    dropped = 0
    for field in fields(values):
        value = getattr(values, field.name)
        if isinstance(value, tuple) and value:
            dropped += _tell_list(found, value, field.name)
        else:
            found += _walk(value, _open(values, field.name, typed.encode(value)), f"/{field.name}", field.name)
    return Told(tuple(found), dropped)


def _tell_list(found: list[Leaf], items: tuple[Any, ...], name: str) -> int:
    """How many had no room. An item is told as a whole or not at all."""
    most = _most(items)
    room = LEAVES
    for number, item in enumerate(items[:most]):
        step = _joined(name, _named(item) or str(number))
        leaves = list(_walk(item, typed.encode(item), f"/{name}/{number}", step))
        room -= len(leaves)
        if room < 0:
            return len(items) - number
        found += leaves
    return 0


def _walk(value: Any, data: Any, at: str, path: str) -> Iterator[Leaf]:
    if isinstance(value, Unknown):
        data = typed.encode(without_words(value))
    if isinstance(data, dict) and data:
        for key, item in data.items():
            inner = path if key in _FIGURES else _joined(path, key)
            yield from _walk(getattr(value, key, None), _open(value, key, item), f"{at}/{_escaped(key)}", inner)
    elif isinstance(data, list) and data:
        items = value if isinstance(value, tuple) else ()
        for number, item in enumerate(data[: _most(items)]):
            of = items[number] if number < len(items) else None
            yield from _walk(of, item, f"{at}/{number}", _joined(path, _named(of) or str(number)))
    else:
        yield Leaf(at, path, *_scalar(data))


def _open(value: Any, key: str, data: Any) -> Any:
    """Without other people's words: they stay where they were read."""
    return WITHHELD if data and isinstance(data, str) and is_private(value, key) else data


def _most(items: Sequence[Any]) -> int | None:
    return ROWS if items and isinstance(items[0], CUT) else None


def _named(item: Any) -> str:
    """What figure paths call an item by; "" where they do not."""
    if isinstance(item, tuple):
        return str(item[0]) if item else ""
    return str(getattr(item, NAMES.get(type(item), ""), ""))


def _joined(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _scalar(data: Any) -> tuple[Kind, float | str]:
    if data is None:
        return "null", 0.0
    if isinstance(data, bool):
        return "bool", float(data)
    if isinstance(data, int | float):
        return "number", data
    if isinstance(data, str):
        return "text", data[:LONGEST]
    return ("list" if isinstance(data, list) else "table"), 0.0


# ---- and back


def values(kind: str, found: Iterable[Leaf]) -> Values:
    """The values of a source of this kind. ShapeError when they are not of its shape, as of another version."""
    from services.recording import decode

    return decode(kind, _grown(found))


def _grown(found: Iterable[Leaf]) -> Any:
    """Tables of tables; those whose keys are all numbers were lists."""
    root: dict[str, Any] = {}
    for leaf in found:
        *way, last = leaf.at.split("/")[1:] or [""]
        here = root
        for step in way:
            here = here.setdefault(_unescaped(step), {})
        here[_unescaped(last)] = _plain(leaf)
    return _listed(root)


def _plain(leaf: Leaf) -> Any:
    if leaf.kind == "number":
        number = float(leaf.value)
        return int(number) if number.is_integer() and abs(number) < 2**64 else number  # sizes may be large
    told: dict[Kind, Any] = {"bool": bool(leaf.value), "null": None, "list": [], "table": _Table(), "text": leaf.value}
    return told[leaf.kind]


class _Table(dict[str, Any]):
    """An empty table, which an empty list must not be taken for."""


def _listed(data: Any) -> Any:
    if not isinstance(data, dict) or isinstance(data, _Table):
        return data
    inner = {key: _listed(item) for key, item in data.items()}
    if inner and all(key.isdecimal() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
