"""Rules over units, mounts, processes, files and commands that their source's own table does not have."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from services.profile import ClocksSource, CommandSource, DiskSource, FilesSource, HostSource, Profile, SystemdSource

OF_DISK = ("used_share", "free_share", "used_bytes", "free_bytes", "inodes_free_share")
OF_FILES = ("count", "newest_age_s", "newest_bytes", "size_against_median", "total_bytes")
OF_CLOCKS = ("spread_s", "offset_s")
OF_COMMAND = ("exit_code", "took_s")
OF_PROCESSES = ("processes", "rss_bytes")
OF_HOST = (
    *("cpu_share", "io_wait_share", "load_1m", "load_5m", "load_15m", "load_per_cpu"),
    *("memory_share", "memory_bytes", "swap_share"),
    *("network_in_bytes_per_s", "network_out_bytes_per_s", "disk_read_bytes_per_s", "disk_write_bytes_per_s"),
)


def machine(profile: Profile) -> Iterator[str]:
    """One line per problem, naming the rule's table and key."""
    for name, rule in profile.rules.items():
        for key, path in rule.figures.items():
            if why := _never(path, profile.sources[rule.source]):
                yield f"[rules.{name}] {key}: {why}"


def _never(path: str, source: object) -> str:
    """Why the figure will always be unknown; empty when it will not."""
    if isinstance(source, SystemdSource):
        return _unit(path, source.units)
    of, _, rest = path.partition(".")
    if of != "figures":
        return ""
    figure, _, labels = rest.rstrip("}").partition("{")
    match source:
        case DiskSource():
            return _among(figure, OF_DISK) or _labelled(
                labels, "mount", (*source.mounts, *(folder.path for folder in source.folders.values()))
            )
        case HostSource() if figure in OF_PROCESSES:
            return _labelled(labels, "name", tuple(source.processes))
        case HostSource() if figure == "process_bytes":
            return "" if source.top else "the source does not tell processes one by one: `top` says how many"
        case HostSource():
            return _among(figure, OF_HOST)
        case FilesSource():
            return _among(figure, OF_FILES)
        case ClocksSource() if figure == "offset_s":
            return _labelled(labels, "server", tuple(source.servers))
        case ClocksSource():
            return _among(figure, OF_CLOCKS)
        case CommandSource() if not source.perfdata:
            return _among(figure, (*OF_COMMAND, *source.figures))
    return ""


def _unit(path: str, units: tuple[str, ...]) -> str:
    """`units.app-web.restarts`, `timers.backup.armed`: does any of the source's names or patterns stand for it?"""
    of, _, rest = path.partition(".")
    name = rest.rpartition(".")[0]
    if of not in ("units", "timers") or name == "*":
        return ""
    kind = "timer" if of == "timers" else "service"
    whole = (name, f"{name}.{kind}")
    if any(fnmatchcase(each, unit) or each == f"{unit}.{kind}" for unit in units for each in whole):
        return ""
    return f"the source has no {kind} of the name {name!r}; there are {', '.join(units)}"


def _among(figure: str, there: tuple[str, ...]) -> str:
    return "" if figure in there else f"the source has no figure {figure!r}; there are {', '.join(there)}"


def _labelled(labels: str, label: str, there: tuple[str, ...]) -> str:
    if labels == "*":
        return ""
    if not labels:
        return f"it stands once for each {label}: write {{*}} behind it, or {{{label}={there[0] if there else '...'}}}"
    value = labels.removeprefix(f"{label}=")
    return "" if value in there else f"the source has no {label} {value!r}; there are {', '.join(there) or 'none'}"
