"""The figures that a Nagios plugin prints behind the `|` of its lines: 'label'=value[unit];warn;crit;min;max."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from services.readings import Figure, NamedFigure, Unknown
from services.text import safe

MOST = 200
_ITEM = re.compile(r"('(?:[^']|'')+'|[^\s'=]+)=(U|[-+.\d]+(?:[eE][-+]?\d+)?)([A-Za-z%]*)(?:;\S*)?")
# What a unit is told in here, and by what its figure is multiplied.
_UNITS = {
    "s": ("s", 1.0),
    "ms": ("s", 1e-3),
    "us": ("s", 1e-6),
    "%": ("share", 0.01),
    "c": ("count", 1.0),
    "": ("", 1.0),
    "B": ("bytes", 1.0),
    "KB": ("bytes", 1e3),
    "MB": ("bytes", 1e6),
    "GB": ("bytes", 1e9),
    "TB": ("bytes", 1e12),
}


def perfdata(out: str) -> Iterator[NamedFigure]:
    """Source of the form: the Monitoring Plugins' development guidelines. The first line may have some, and from the
    first later line with a `|` on, everything is."""
    for count, (label, value, unit) in enumerate(_ITEM.findall(_behind_bars(out))):
        if count >= MOST:
            return
        name = label.strip("'").replace("''", "'")
        told, factor = _UNITS.get(unit, (safe(unit, 10), 1.0))
        yield NamedFigure(safe(name, 100), _value(value, factor), told)


def _behind_bars(out: str) -> str:
    first, _, rest = out.partition("\n")
    return f"{first.partition('|')[2]} {rest.partition('|')[2]}"


def _value(text: str, factor: float) -> Figure:
    if text == "U":
        return Unknown("no data yet", "the plugin says that it could not be determined")
    try:
        value = float(text) * factor
    except ValueError:
        return Unknown("failed", f"{safe(text, 50)} is no number")
    return value if math.isfinite(value) else Unknown("failed", f"{safe(text, 50)} is no number")
