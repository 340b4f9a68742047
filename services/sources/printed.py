"""A figure in what a program printed: by a path through a JSON document, or by a pattern with one group."""

from __future__ import annotations

import math
import re
from typing import Any

from services.readings import Figure, Unknown
from services.text import safe


def by_path(document: Any, path: str) -> Figure:
    """Steps joined by dots, a number picks from a list: `queues.0.depth`. True and false are 1 and 0.

    `document` may be the error that it could not be read.
    """
    if isinstance(document, Exception):
        return Unknown("failed", f"the output is not JSON: {safe(document, 200)}")
    found = document
    for step in path.split("."):
        if isinstance(found, list) and step.lstrip("-").isdecimal() and -len(found) <= int(step) < len(found):
            found = found[int(step)]
        elif isinstance(found, dict) and step in found:
            found = found[step]
        else:
            return Unknown("no data yet", f"the output has no {safe(path, 100)}: {safe(step, 50)} is not there")
    return _figure(found, path)


def by_pattern(out: str, pattern: str) -> Figure:
    """What the group of the first match holds."""
    found = re.search(pattern, out, re.MULTILINE)
    if found is None or found[1] is None:
        return Unknown("no data yet", f"nothing in the output matches {safe(pattern, 100)}")
    return _figure(found[1], pattern)


def _figure(found: Any, where: str) -> Figure:
    if isinstance(found, bool):
        return int(found)
    if isinstance(found, str):
        found = _number(found)
    if isinstance(found, int | float) and math.isfinite(found):
        return found
    return Unknown("failed", f"what stands at {safe(where, 100)} is no number")


def _number(text: str) -> float | None:
    """With or without separators of thousands."""
    try:
        return float(text.strip().replace(",", "").replace("_", ""))
    except ValueError:
        return None
