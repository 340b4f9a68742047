"""A line plot over time, drawn by plotext only when it is looked at and only when it changed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from widgets.figures import count, duration
from widgets.lines import Line, Segment, merged

Series = tuple[tuple[float, float | None], ...]  # (seconds, value or unknown), oldest first
_TICKS = (0.0, 0.5, 1.0)
_FLAT = 1e-9
_FAR = 4.0  # times the highest value
_BLANK = " \u2800"  # U+2800: the braille cell without dots
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Plot:
    """Content: one series against time. `now` is the right edge; what is unknown is a gap.

    `limits` are where rules fire: drawn in, unless a curve would be flat at the foot of one that is far above it.
    """

    series: Series
    now: float
    unit: str = ""
    limits: tuple[tuple[float, str], ...] = ()  # value, and what to call it
    told: Callable[[float], str] = count  # how values are written at the axis

    def lines(self, width: int, height: int) -> Sequence[Line]:
        known = [value for _, value in self.series if value is not None and math.isfinite(value)]
        if len(known) < 2:
            return [(("not enough readings for a plot yet", "unknown"),)]
        if width < 20 or height < 5:
            least, most = f"{min(known):g}", f"{max(known):g}"
            return [((f"now {known[-1]:g} {self.unit}, between {least} and {most}", ""),)]
        drawn = [limit for limit in self.limits if limit[0] <= _FAR * max(known)]
        low, high = min(0.0, *known), max(0.0, *known, *(value for value, _ in drawn))
        if not high - low > _FLAT:
            return [((f"flat at {self.told(known[-1])} {self.unit}".rstrip(), ""),), *self._above(self.limits)]
        start = self.series[0][0]
        # between 0 and 1: plotext's own scale loops for ever over values that differ by next to nothing
        scaled = tuple((at - start, _scale(value, low, high)) for at, value in self.series)
        labels = tuple(self.told(low + part * (high - low)) for part in _TICKS)
        far = self._above(limit for limit in self.limits if limit not in drawn)
        room = height - 1 - len(far)
        rows: list[Line] = [((row, "accent"),) for row in _draw(_downsample(scaled, 2 * width), labels, width, room)]
        for value, name in drawn:
            at = round((1 - (value - low) / (high - low)) * (len(rows) - 1))
            rows[at] = _limited(rows[at], name, max(map(len, labels)) + 1)
        axis = f"{duration(self.now - start)} ago".ljust(max(0, width - 4)) + "now"
        return [*rows, ((axis, "dim"),), *far]

    def _above(self, limits: Iterable[tuple[float, str]]) -> list[Line]:
        return [((f"{name} is far above", "dim"),) for _, name in limits]


def _limited(row: Line, name: str, start: int) -> Line:
    """A dashed line through the row, where the curve is not, and its name at the right end."""
    ((text, ink),) = row
    name = f" {name}" if len(text) > start + len(name) + 8 else ""
    end = len(text) - len(name)
    parts: list[Segment] = [(text[:start], ink)]
    for char in text[start:end]:
        parts.append(("╌", "warn") if char in _BLANK else (char, ink))
    return merged((*parts, (name, "warn")))


def _scale(value: float | None, low: float, high: float) -> float | None:
    return None if value is None or not math.isfinite(value) else value / (high - low) - low / (high - low)


def _downsample(series: Series, most: int) -> Series:
    """The largest value of each bucket: plotext's cost follows the number of points, not of columns."""
    if len(series) <= most:
        return series
    kept = []
    for at in range(most):
        bucket = series[at * len(series) // most : (at + 1) * len(series) // most]
        finite = [value for _, value in bucket if value is not None and math.isfinite(value)]
        kept.append((bucket[-1][0], max(finite, default=None)))
    return tuple(kept)


@lru_cache(maxsize=32)
def _draw(series: Series, labels: tuple[str, ...], width: int, height: int) -> tuple[str, ...]:
    """Plotext's figure is global: it is cleared, drawn and read in one go, on the thread that renders."""
    import plotext  # 200 ms: not before the first plot is looked at

    plotext.clear_figure()
    plotext.limit_size(False, False)  # it asks the terminal, which need not be as large as what is drawn
    plotext.plotsize(width, height)
    plotext.theme("clear")
    plotext.xticks([])
    plotext.frame(False)
    values = [math.nan if value is None or not math.isfinite(value) else value for _, value in series]
    plotext.plot([at for at, _ in series], values, marker="braille")
    plotext.ylim(0, 1)
    plotext.yticks(_TICKS, labels)
    return tuple(_ESCAPES.sub("", row) for row in plotext.build().split("\n")[:height])
