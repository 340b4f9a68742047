"""A series in one row of block characters, in one style: a colour per cell would cost forty bytes each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = " "


def spark(values: Sequence[float | None], width: int, top: float | None = None) -> str:
    """The newest values at the right, each cell the largest of those it stands for; a gap where nothing is known.

    Zero is the lowest block, so that a flat line of zeros differs from a gap. `top` fixes the scale.
    """
    if width < 1:
        return ""
    cells = _downsample(values, width)
    known = [value for value in cells if value is not None]
    highest = top if top is not None else max(known, default=0.0)
    drawn = "".join(_GAP if value is None else _BLOCKS[_level(value, highest)] for value in cells)
    return drawn.rjust(width)


def _level(value: float, highest: float) -> int:
    if highest <= 0 or value <= 0:
        return 0
    return min(len(_BLOCKS) - 1, max(1, math.ceil(value / highest * (len(_BLOCKS) - 1))))


def _downsample(values: Sequence[float | None], width: int) -> list[float | None]:
    """At most `width` values: the largest of each bucket, because a peak is what one looks for."""
    finite = [value if value is not None and math.isfinite(value) else None for value in values]
    if len(finite) <= width:
        return finite
    edges = [round(at * len(finite) / width) for at in range(width + 1)]
    return [max((v for v in finite[a:b] if v is not None), default=None) for a, b in pairwise(edges)]


def bar(share: float | None, width: int) -> str:
    """A share between 0 and 1 as a bar: filled, then empty. Anything above 0 shows at least one cell."""
    if share is None or not math.isfinite(share):
        return "?".ljust(width, "·")
    filled = min(width, max(1 if share > 0 else 0, round(share * width)))
    return "█" * filled + "░" * (width - filled)
