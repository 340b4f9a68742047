"""A MinIO cluster: what room is left, which drives and nodes are missing, and whether enough of them are there."""

from __future__ import annotations

from services.readings import Figure, MinioValues, Unknown, number
from widgets.facts import Facts
from widgets.figures import figure, share, size, why
from widgets.lines import Segment
from widgets.sparkline import bar
from widgets.verdict import Grade, above, verdict

_BAR = 20  # cells


def cluster(values: MinioValues) -> Facts:
    """Everything that the server tells about its cluster."""
    facts: tuple[tuple[str, str | Segment], ...] = (
        ("server", values.url),
        ("answers", _yes(values.live, "yes", "✖ it says that it is not alive")),
        ("quorum", _yes(values.quorum, "enough drives for reads and writes", "✖ not enough drives: writes fail")),
        *_counted(values),
    )
    return Facts((verdict(*_grade(values)),), facts)


def _counted(values: MinioValues) -> tuple[tuple[str, str | Segment], ...]:
    """What stands on the page of metrics, or once why it could not be read."""
    if values.fault:
        drives_and_more = ("? not known: they are among the metrics", "unknown")
        return ("drives, room", drives_and_more), ("metrics", (values.fault.message, "bad")), ("→", values.fault.remedy)
    return (
        ("drives", _members(values.drives_online, values.drives_offline)),
        ("nodes", _members(values.nodes_online, values.nodes_offline)),
        ("used", _used(values)),
        ("free", (why(values.free_bytes, size(values.free_bytes)[0]), size(values.free_bytes)[1])),
    )


def _grade(values: MinioValues) -> tuple[Grade, str]:
    if isinstance(values.healthy, Unknown):
        return "unknown", values.said or f"health: {values.healthy}"
    if values.healthy:
        return "good", "the cluster is whole"
    return "bad", values.said or "the cluster is not whole"


def _yes(value: Figure, yes: str, no: str) -> Segment:
    if isinstance(value, Unknown):
        return str(value), "unknown"
    return (yes, "") if value else (no, "bad")


def _members(online: Figure, offline: Figure) -> Segment:
    if isinstance(online, Unknown):
        return str(online), "unknown"
    if isinstance(offline, Unknown):
        return f"{figure(online)[0]} online, offline: {offline}", "unknown"
    gone = number(offline)
    return f"{'✖ ' if gone else ''}{figure(online)[0]} online, {figure(offline)[0]} offline", "bad" if gone else ""


def _used(values: MinioValues) -> Segment:
    part = number(values.used_share)
    if part is None:
        return str(values.used_share), "unknown"
    grade = above(values.used_share, 0.7, 0.85)
    told = f"{share(values.used_share)[0]} of {size(values.usable_bytes)[0]}, after parity"
    return f"{bar(part, _BAR)} {told}", grade if grade in ("warn", "bad") else ""
