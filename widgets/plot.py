"""A line plot over time, drawn by plotext only when it is looked at and only when it changed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from widgets.figures import count, duration
from widgets.lines import Line

Series = tuple[tuple[float, float | None], ...]  # (seconds, value or unknown), oldest first
_TICKS = (0.0, 0.5, 1.0)
_FLAT = 1e-9
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Plot:
    """Content: one series against time. `now` is the right edge; what is unknown is a gap."""

    series: Series
    now: float
    unit: str = ""

    def lines(self, width: int, height: int) -> Sequence[Line]:
        known = [value for _, value in self.series if value is not None and math.isfinite(value)]
        if len(known) < 2:
            return [(("not enough readings for a plot yet", "unknown"),)]
        if width < 20 or height < 5:
            least, most = f"{min(known):g}", f"{max(known):g}"
            return [((f"now {known[-1]:g} {self.unit}, between {least} and {most}", ""),)]
        low, high = min(0.0, *known), max(0.0, *known)
        if not high - low > _FLAT:
            return [((f"flat at {known[-1]:g} {self.unit}", ""),)]
        start = self.series[0][0]
        # between 0 and 1: plotext's own scale loops for ever over values that differ by next to nothing
        scaled = tuple((at - start, _scale(value, low, high)) for at, value in self.series)
        labels = tuple(count(low + part * (high - low)) for part in _TICKS)
        rows = _draw(_downsample(scaled, 2 * width), labels, width, height - 1)
        axis = f"{duration(self.now - start)} ago".ljust(max(0, width - 4)) + "now"
        return [*(((row, "accent"),) for row in rows), ((axis, "dim"),)]


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
    plotext.plotsize(width, height)
    plotext.theme("clear")
    plotext.xticks([])
    plotext.frame(False)
    values = [math.nan if value is None or not math.isfinite(value) else value for _, value in series]
    plotext.plot([at for at, _ in series], values, marker="braille")
    plotext.ylim(0, 1)
    plotext.yticks(_TICKS, labels)
    return tuple(_ESCAPES.sub("", row) for row in plotext.build().split("\n")[:height])
