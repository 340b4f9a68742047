"""Linux's /proc, read as it stands: counters since the start of the machine, memory, load, and processes by name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.readings import NamedFigure, Unknown
from services.text import safe

SECTOR = 512  # what /proc/diskstats counts in, whatever the disk's own are
# Whole disks: a partition's traffic is its disk's too, and a mapped device's that of what it is mapped on.
_DISK = re.compile(r"(?:[shv]d[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)\Z")


@dataclass(frozen=True, slots=True)
class Counters:
    ticks: float
    busy: float
    waiting: float  # for a disk
    received: int
    sent: int
    read: int
    written: int


def counters(root: Path) -> Counters:
    """FileNotFoundError where there is no /proc."""
    first = (root / "stat").read_text().split("\n", 1)[0]
    # user nice system idle iowait irq softirq steal; the guests' time is part of user and nice
    ticks = [float(part) for part in first.split()[1:9]]
    idle = ticks[3] + ticks[4]
    received, sent = map(sum, zip(*_network(root), strict=True)) if (root / "net/dev").exists() else (0, 0)
    disks = list(_disks(root))
    return Counters(
        sum(ticks), sum(ticks) - idle, ticks[4], received, sent, sum(r for r, _ in disks), sum(w for _, w in disks)
    )


def _network(root: Path) -> Iterator[tuple[int, int]]:
    yield 0, 0
    for line in (root / "net/dev").read_text().splitlines()[2:]:
        name, _, rest = line.partition(":")
        if name.strip() != "lo":
            parts = rest.split()
            yield int(parts[0]), int(parts[8])


def _disks(root: Path) -> Iterator[tuple[int, int]]:
    file = root / "diskstats"
    for line in file.read_text().splitlines() if file.exists() else ():
        parts = line.split()
        if _DISK.match(parts[2]):
            yield int(parts[5]) * SECTOR, int(parts[9]) * SECTOR


def memory(root: Path) -> list[NamedFigure]:
    told = {}
    for line in (root / "meminfo").read_text().splitlines():
        name, _, rest = line.partition(":")
        told[name] = int(rest.split()[0]) * 1024
    total, swap = told["MemTotal"], told.get("SwapTotal", 0)
    # what the kernel reckons can be had without swapping: caches are no use of memory
    used = total - told.get("MemAvailable", told["MemFree"])
    swapped = (swap - told.get("SwapFree", 0)) / swap if swap else Unknown("not configured", "there is no swap")
    return [
        NamedFigure("memory_share", used / total, "share"),
        NamedFigure("memory_bytes", used, "bytes", note=f"of {total / 1e9:.3g} GB"),
        NamedFigure("swap_share", swapped, "share"),
    ]


def load(root: Path) -> list[NamedFigure]:
    one, five, fifteen = map(float, (root / "loadavg").read_text().split()[:3])
    processors = os.cpu_count() or 1
    note = f"{processors} processors"
    return [
        NamedFigure("load_1m", one, note=note),
        NamedFigure("load_5m", five, note=note),
        NamedFigure("load_15m", fifteen, note=note),
        NamedFigure("load_per_cpu", five / processors, note="of five minutes"),
    ]


def processes(root: Path, patterns: Mapping[str, str]) -> list[NamedFigure]:
    """How many run whose command line matches, and the memory they hold: pages that they share count for each."""
    if not patterns:
        return []
    found = dict.fromkeys(patterns, (0, 0))
    for folder in root.iterdir():
        if folder.name.isdecimal() and (line := _command_line(folder)):
            for name in [name for name, pattern in patterns.items() if re.search(pattern, line)]:
                count, held = found[name]
                found[name] = (count + 1, held + _resident(folder))
    return [
        figure
        for name, (count, held) in found.items()
        for figure in (
            NamedFigure("processes", count, "count", (("name", name),)),
            NamedFigure("rss_bytes", held, "bytes", (("name", name),)),
        )
    ]


def largest(root: Path, top: int) -> list[NamedFigure]:
    """The processes that hold the most memory, each by its number. What they share with others counts for each of them;
    where the kernel lets us, the note says how much is a process's own part."""
    if not top:
        return []
    folders = (folder for folder in root.iterdir() if folder.name.isdecimal())
    held = sorted(((_resident(folder), folder) for folder in folders), reverse=True, key=lambda each: each[0])[:top]
    return [
        NamedFigure("process_bytes", size, "bytes", (("pid", folder.name), ("command", said)), _own_part(folder))
        for size, folder in held
        if size and (said := safe(_command_line(folder).strip(), 80))  # what has no command line is the kernel's own
    ]


def _own_part(folder: Path) -> str:
    try:
        told = (folder / "smaps_rollup").read_text()
    except OSError:  # another user's
        return ""
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    return f"{int(found[1]) / 1000:.3g} MB with its part of what is shared" if found else ""


def _command_line(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes()[:4096].replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:  # it ended meanwhile
        return ""


def _resident(folder: Path) -> int:
    try:
        return int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0
