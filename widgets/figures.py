"""Numbers as an operator reads them: always with a unit, and never 0 where nothing is known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

from services.readings import AtLeast, Estimate, Figure, Unknown, number
from widgets.lines import Segment

UNKNOWN: Segment = ("?", "unknown")
_SCALES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
# up to the limit, seconds are told in the unit that follows: 119 s is said in seconds, 120 s as 2 m
_SPANS = ((120.0, 1.0, "s"), (7200.0, 60.0, "m"), (172_800.0, 3600.0, "h"), (math.inf, 86_400.0, "d"))


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _three(value: float) -> str:
    """Three significant digits at most: 9.99, 99.9, 999."""
    text = f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scaled(value: float) -> str:
    for scale, letter in _SCALES:
        if value >= scale * 0.9995:
            return _three(value / scale) + letter
    return _three(value)


def count(value: float) -> str:
    """A number of things: exact with separators below 10,000, short above.

    >>> count(1234), count(10_000), count(1_250_000)
    ('1,234', '10k', '1.25M')
    """
    if not _known(value):
        return "?"
    if abs(value) >= 10_000:
        return ("-" if value < 0 else "") + _scaled(abs(value))
    return f"{value:,.0f}" if float(value).is_integer() else _three(value)


def figure(value: Figure, unit: str = "") -> Segment:
    """A figure and its unit; `~` before an estimate, `+` behind a capped count, `?` for what is not known."""
    plain = number(value)
    if plain is None or not math.isfinite(plain):
        return (f"? {unit}", "unknown") if unit else UNKNOWN
    if isinstance(value, Estimate):
        text = f"~{_scaled(plain)}"
    elif isinstance(value, AtLeast):
        text = f"{_scaled(plain)}+"
    else:
        text = count(plain)
    return (f"{text} {unit}" if unit else text, "")


def duration(seconds: float | None) -> str:
    """A span of time in one unit.

    >>> duration(0.34), duration(4.2), duration(61), duration(240), duration(10_800)
    ('340 ms', '4.2 s', '61 s', '4 m', '3 h')
    """
    if seconds is None or not math.isfinite(seconds):
        return "?"
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if 0 < seconds < 0.9995:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{_three(round(seconds, 1))} s"
    limit_unit = next((size, unit) for limit, size, unit in _SPANS if seconds < limit)
    return f"{int(seconds // limit_unit[0]):,} {limit_unit[1]}"


def span(value: Figure) -> Segment:
    """A figure that is a number of seconds."""
    plain = number(value)
    if plain is None or not math.isfinite(plain):
        return UNKNOWN
    return ("~" if isinstance(value, Estimate) else "") + duration(plain), ""


def share(value: Figure) -> Segment:
    """A figure between 0 and 1, in percent."""
    plain = number(value)
    if plain is None or not math.isfinite(plain):
        return UNKNOWN
    percent = plain * 100
    if 0 < percent < 0.1:
        return "<0.1 %", ""
    if 99.9 < percent < 100:
        return ">99.9 %", ""
    # near 100 % the tenths are what one looks at, as they are near 0
    places = 0 if percent in (0, 100) or 10 <= percent < 95 else 1
    return f"{'~' if isinstance(value, Estimate) else ''}{percent:.{places}f} %", ""


def percent(value: Figure) -> Segment:
    """A figure between 0 and 100, as others tell shares."""
    return share(_times(value, 0.01))


def milliseconds(value: Figure) -> Segment:
    """A figure that is a number of milliseconds, as others tell durations."""
    return span(_times(value, 0.001))


def _times(value: Figure, factor: float) -> Figure:
    if isinstance(value, Unknown):
        return value
    return replace(value, value=value.value * factor) if isinstance(value, Estimate | AtLeast) else value * factor


def size(value: Figure) -> Segment:
    """A figure that is a number of bytes, in powers of 1,000."""
    plain = number(value)
    if plain is None or not math.isfinite(plain):
        return UNKNOWN
    short = _scaled(plain)
    letter = short[-1] if short[-1].isalpha() else ""
    text = f"{short.rstrip('TGMk')} {letter}B"
    return (f"~{text}" if isinstance(value, Estimate) else text), ""


def ago(at: float | None, now: float) -> str:
    """How long since a point in time; a point ahead of us is told as such. Under a second is now.

    >>> ago(10.0, 10.4), ago(10.0, 14.0), ago(130.0, 10.0)
    ('now', '4 s ago', 'in 2 m')
    """
    if at is None or not math.isfinite(at):
        return "?"
    if abs(now - at) < 1:
        return "now"
    return f"{duration(now - at)} ago" if now >= at else f"in {duration(at - now)}"


def age(seconds: float | None) -> str:
    """The age of a reading, in steps so coarse that a quiet screen has nothing to repaint."""
    if seconds is None or not math.isfinite(seconds):
        return "?"
    if seconds < 5:
        return "now"
    return duration(seconds - seconds % 5) if seconds < 60 else f"{int(seconds // 60):,} m"


def moment(at: float | None) -> str:
    """A point in time as local date and time to the second."""
    if at is None or not math.isfinite(at):
        return "?"
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def why(value: Figure, shown: str) -> str:
    """What is shown of a figure, or the words for its absence: for sentences and narrow panes."""
    return str(value) if isinstance(value, Unknown) else shown
