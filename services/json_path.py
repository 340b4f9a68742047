"""The way to a figure in a JSON document: `checks[name=db].latency`, `endpoints.0.p95`, `alerts[severity=critical]`.

A step is a key, or the number of an item, from 0. `[key=value]` picks the items of a list in which it is so; a step
behind it goes on from the first of them, and at the end of the path they are counted, as any list is. `.` is the whole
document. Numbers, numbers in quotes, true and false are figures; a date with its time zone is a point in time.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from services.readings import Figure, Unknown
from services.text import safe

Step: TypeAlias = str | tuple[str, str]  # a key or number, or the key and value to pick by

_STEP = re.compile(r"\.?(?P<name>[^.\[\]]+)|\[(?P<key>[^=\]]+)=(?P<value>[^\]]*)\]")
UNIX = "unix"
_LARGEST = 1e300
_UNITS = {
    "_s": "s",
    "_seconds": "s",
    "_bytes": "bytes",
    "_share": "share",
    "_ratio": "share",
    "_rate": "share",
    "_percent": "percent",
    "_ms": "ms",
    "_at": UNIX,
    "_count": "count",
}


def steps(path: str) -> tuple[Step, ...]:
    """ValueError when it is no path."""
    if path == ".":
        return ()
    found: list[Step] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or (at == 0 and path[0] == "."):
            raise ValueError(f"{path!r} is no path: keys and numbers with dots between, and [key=value] to pick by")
        found.append(match["name"] or (match["key"], match["value"]))
        at = match.end()
    if not found:
        raise ValueError("a path is needed; `.` is the whole document")
    return tuple(found)


def find(document: Any, path: Sequence[Step]) -> tuple[Figure, str]:
    """The figure, and `unix` if it is a point in time; Unknown says where the path ends."""
    found, done = _walked(document, path)
    return (found, "") if isinstance(found, Unknown) else _figure(found, done)


def pick(document: Any, path: Sequence[Step]) -> Any:
    """Whatever stands there; None when the path leads nowhere."""
    found, _ = _walked(document, path)
    return None if isinstance(found, Unknown) else found


def _walked(document: Any, path: Sequence[Step]) -> tuple[Any, str]:
    """What stands at the path, or Unknown; and the path as far as it leads."""
    found, done = document, ""
    picked = False
    for step in path:
        if isinstance(step, tuple):
            if not isinstance(found, list):
                return _nothing(done, "is no list to pick from"), done
            found = [item for item in found if isinstance(item, dict) and _is(item.get(step[0]), step[1])]
            picked, done = True, f"{done}[{step[0]}={step[1]}]"
            continue
        if picked and not step.isdecimal():
            found = found[0] if found else None
        there, found = _into(found, step)
        if not there:
            return _nothing(done, f"has no {step}"), done
        picked, done = False, f"{done}.{step}" if done else step
    return found, done


def unit(name: str) -> str:
    """The unit that the name of a figure ends in: `latency_s`, `size_bytes`, `error_share`."""
    return next((unit for ending, unit in _UNITS.items() if name.endswith(ending)), "")


def _into(found: Any, step: str) -> tuple[bool, Any]:
    """Whether there is anything at the step, and what."""
    if isinstance(found, list) and step.isdecimal() and len(step) < 10:
        return (True, found[int(step)]) if int(step) < len(found) else (False, None)
    return (True, found[step]) if isinstance(found, dict) and step in found else (False, None)


def _is(value: Any, wanted: str) -> bool:
    return value == wanted if isinstance(value, str) else json.dumps(value) == wanted


def _figure(found: Any, where: str) -> tuple[Figure, str]:
    if isinstance(found, bool):
        return int(found), ""
    if isinstance(found, list):
        return len(found), ""
    if isinstance(found, str):
        return _told(found, where)
    if not isinstance(found, int | float):
        return _nothing(where, "is null" if found is None else "is an object, no figure"), ""
    if not abs(found) <= _LARGEST:  # NaN compares with nothing; a JSON integer may be longer than any float
        return _nothing(where, "is no finite number"), ""
    return found, ""


def _told(text: str, where: str) -> tuple[Figure, str]:
    try:
        value = float(text)
    except ValueError:
        pass
    else:
        return (value, "") if math.isfinite(value) else (_nothing(where, "is no finite number"), "")
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return _nothing(where, f"is {text[:40]!r}, no figure"), ""
    if at.tzinfo is None:
        return _nothing(where, f"is {text[:40]!r}, a date without its time zone"), ""
    return at.timestamp(), UNIX


def _nothing(where: str, why: str) -> Unknown:
    return Unknown("no data yet", safe(f"{where or 'the document'} {why}", 200))
