"""What a figure is counted in, told from its name, and numbers in words by it."""

from __future__ import annotations

from typing import Literal

Unit = Literal["", "share", "percent", "s", "ms", "days", "bytes", "per_s", "times"]
_SHARES = ("_rate", "_share", "_errors", "_ratio", "saturation", "publish_success")
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_TIMES = ((172_800.0, 86_400.0, "d"), (7_200.0, 3_600.0, "h"), (120.0, 60.0, "m"), (1.0, 1.0, "s"))


def of_figure(path: str) -> Unit:
    """
    >>> of_figure("types.fuse.failure_rate"), of_figure("figures.used_bytes{mount=/}"), of_figure("stale_count")
    ('share', 'bytes', '')
    >>> of_figure("figures.p95_ms"), of_figure("figures.error_percent"), of_figure("certificates.x:443.days_left")
    ('ms', 'percent', 'days')
    """
    name = path.partition("{")[0].rpartition(".")[2]
    if name.endswith(_SHARES):
        return "share"
    if name.endswith("_s") and not name.endswith("_per_s"):
        return "s"
    if name.endswith(("_percent", "_ms")):  # what others tell in units of their own
        return "ms" if name.endswith("_ms") else "percent"
    if name.endswith(("_days", "days_left")):
        return "days"
    return "bytes" if name.endswith("bytes") else ""


def told(value: float, unit: Unit) -> str:
    """
    >>> told(0.05, "share"), told(0.8, "s"), told(93_600, "s"), told(2.5e9, "bytes"), told(20, ""), told(12_345, "")
    ('5 %', '800 ms', '26 h', '2.5 GB', '20', '12345')
    >>> told(99.95, "percent"), told(1500, "ms"), told(5.107, "per_s"), told(444, "times")
    ('99.95 %', '1.5 s', '5.11/s', '444x')
    """
    if unit == "percent":
        return f"{value:.4g} %"
    if unit == "days":
        return f"{value:.3g} {'day' if value == 1 else 'days'}"
    if unit == "ms":
        return told(value / 1000, "s")
    if unit == "share":
        return f"{100 * value:.3g} %"
    if unit == "s":
        return next((f"{value / by:.3g} {word}" for least, by, word in _TIMES if value >= least), _below(value))
    if unit in ("per_s", "times"):
        return f"{value:.3g}{'x' if unit == 'times' else '/s'}"
    if unit == "bytes":
        return next((f"{value / by:.3g} {word}" for by, word in _SIZES if value >= by), f"{value:.3g} B")
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"


def _below(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms" if seconds > 0 else f"{seconds:g} s"
