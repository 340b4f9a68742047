"""The machine itself: its figures against another's reckoning of the same, and what a mount or a folder cannot tell."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from services.clock import SystemClock
from services.errors import SourceError
from services.profile import DiskSource, FilesSource, HostSource, Quota
from services.readings import AtLeast, NamedValues, Unknown, number
from services.sources import files as files_module
from services.sources.disk import Disk
from services.sources.files import Files
from services.sources.host import Host
from tests.clock import FakeClock

NOW = 1_800_000_000.0


def told(values: NamedValues, key: str) -> float:
    value = values.get(key)
    found = None if value is None else number(value)
    assert found is not None, f"{key}: {value}"
    return found


# -- disks ------------------------------------------------------------------------------------------------------------


async def test_a_disk_is_as_full_as_the_system_says_and_a_missing_mount_hides_no_other(tmp_path: Path) -> None:
    mount = str(tmp_path)
    values = await Disk("disk", DiskSource(kind="disk", mounts=(mount, "/no/such"))).fetch()
    usage = shutil.disk_usage(mount)
    assert told(values, f"used_bytes{{mount={mount}}}") == pytest.approx(usage.used, rel=0.01)
    share = usage.used / (usage.used + usage.free)
    assert told(values, f"used_share{{mount={mount}}}") == pytest.approx(share, abs=0.01)
    assert told(values, f"inodes_free_share{{mount={mount}}}") <= 1
    assert "/no/such" in str(values.get("used_share{mount=/no/such}")) and not values.ok
    with pytest.raises(SourceError, match="/no/such"):
        await Disk("disk", DiskSource(kind="disk", mounts=("/no/such",))).fetch()


async def test_a_mount_that_hangs_is_unknown_and_the_others_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, real = threading.Event(), os.statvfs

    def statvfs(mount: str) -> os.statvfs_result:
        if mount == "/lost":
            let_go.wait(10)
        return real("/")

    monkeypatch.setattr(os, "statvfs", statvfs)
    source = Disk("disk", DiskSource(kind="disk", mounts=("/", "/lost"), timeout=0.4))
    for said in ("/lost does not answer", "have not come back"):  # the second time its thread still hangs
        values = await source.fetch()
        assert told(values, "used_share{mount=/}") > 0 and said in str(values.get("used_share{mount=/lost}"))
    let_go.set()


async def test_a_file_system_without_a_size_is_neither_full_nor_empty() -> None:
    values = await Disk("disk", DiskSource(kind="disk", mounts=("/proc",))).fetch()
    assert isinstance(values.get("used_share{mount=/proc}"), Unknown)


# -- files ------------------------------------------------------------------------------------------------------------


def backup(folder: Path, name: str, size: int, age_s: float) -> None:
    (folder / name).write_bytes(b"x" * size)
    os.utime(folder / name, (NOW - age_s, NOW - age_s))


def dumps(pattern: Path) -> Files:
    return Files("dumps", FilesSource(kind="files", glob=str(pattern)), FakeClock(NOW))


async def test_the_newest_file_is_told_with_its_age_and_held_against_those_before(tmp_path: Path) -> None:
    for day, size in enumerate((300, 1_000, 1_100, 900)):
        backup(tmp_path, f"db_{day}.gz", size, 3_600.0 + 86_400.0 * day)
    backup(tmp_path, "notes.txt", 5, 1.0)
    (tmp_path / "folder.gz").mkdir()
    values = await dumps(tmp_path / "*.gz").fetch()
    assert told(values, "count") == 4 and told(values, "newest_age_s") == 3_600.0
    assert told(values, "newest_bytes") == 300 and told(values, "size_against_median") == 0.3
    assert told(values, "total_bytes") == 3_300 and values.said == "db_0.gz, newest of 4"


async def test_no_file_is_no_age_and_no_folder_is_a_fault(tmp_path: Path) -> None:
    values = await dumps(tmp_path / "*.gz").fetch()
    assert values.get("count") == 0 and isinstance(values.get("newest_age_s"), Unknown) and not values.ok
    backup(tmp_path, "one.gz", 10, 5.0)
    assert isinstance((await dumps(tmp_path / "*.gz").fetch()).get("size_against_median"), Unknown)
    with pytest.raises(SourceError, match="there is no such folder"):
        await dumps(tmp_path / "gone" / "**" / "*.gz").fetch()


async def test_folders_below_are_looked_into_and_very_many_files_are_a_lower_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        backup(tmp_path / name, "x.gz", 10, 5.0)
    assert told(await dumps(tmp_path / "**" / "*.gz").fetch(), "count") == 3
    monkeypatch.setattr(files_module, "MOST", 2)
    assert (await dumps(tmp_path / "*" / "x.gz").fetch()).get("count") == AtLeast(2)


# -- the host ---------------------------------------------------------------------------------------------------------


async def test_a_busy_processor_and_held_memory_are_seen() -> None:
    source = Host("host", HostSource(kind="host", interval=1, processes={"us": "pytest|python"}), SystemClock())
    await source.fetch()
    end = time.monotonic() + 0.3
    while time.monotonic() < end:  # one processor does nothing else
        pass
    values = await source.fetch()
    assert 0.5 / (os.cpu_count() or 1) < told(values, "cpu_share") <= 1
    assert told(values, "load_5m") == pytest.approx(os.getloadavg()[1], abs=0.5)
    assert 0 < told(values, "memory_share") < 1 and told(values, "network_in_bytes_per_s") >= 0
    assert told(values, "processes{name=us}") >= 1 and told(values, "rss_bytes{name=us}") > 10e6


async def test_rates_and_shares_are_those_of_the_time_between_two_looks(tmp_path: Path) -> None:
    write_proc(tmp_path, ticks="100 0 100 700 100 0 0 0", received=1_000, sectors=10)
    clock = FakeClock()
    source = Host("host", HostSource(kind="host"), clock, tmp_path)
    first = source.fetch()
    import asyncio

    task = asyncio.create_task(first)
    while not clock._sleepers:
        await asyncio.sleep(0.001)
    await clock.advance(1)
    assert isinstance((await task).get("cpu_share"), Unknown)  # nothing has moved: no time passed by its own clock
    await clock.advance(10)
    write_proc(tmp_path, ticks="160 0 120 715 105 0 0 0", received=51_000, sectors=30)
    values = await source.fetch()
    passed = 10.75
    assert told(values, "cpu_share") == pytest.approx(0.8) and told(values, "io_wait_share") == pytest.approx(0.05)
    assert told(values, "network_in_bytes_per_s") == pytest.approx(50_000 / passed)
    assert told(values, "disk_read_bytes_per_s") == pytest.approx(20 * 512 / passed)  # its partition is not counted too
    assert told(values, "memory_share") == 0.75 and told(values, "swap_share") == 0.5
    write_proc(tmp_path, ticks="161 0 120 716 105 0 0 0", received=7, sectors=31)
    await clock.advance(10)
    assert isinstance((await source.fetch()).get("network_in_bytes_per_s"), Unknown)


async def test_a_system_without_proc_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="on this system") as caught:
        await Host("host", HostSource(kind="host"), SystemClock(), tmp_path / "proc").fetch()
    assert caught.value.kind == "missing" and "exporter" in caught.value.remedy


def write_proc(root: Path, ticks: str, received: int, sectors: int) -> None:
    (root / "net").mkdir(exist_ok=True)
    (root / "stat").write_text(f"cpu  {ticks} 0 0\ncpu0 1 1 1 1\n")
    head = "Inter-|\n face |\n"
    zeros = " 0" * 7
    (root / "net/dev").write_text(f"{head}    lo: 999{zeros} 999{zeros}\n  eth0: {received}{zeros} 5{zeros}\n")
    counted = f"1 0 {sectors} 0 1 0 {sectors} 0 0 0 0"
    (root / "diskstats").write_text(f"   8 0 sda {counted}\n   8 1 sda1 {counted}\n 253 0 dm-0 {counted}\n")
    (root / "meminfo").write_text(
        "MemTotal: 1000 kB\nMemFree: 10 kB\nMemAvailable: 250 kB\nSwapTotal: 100 kB\nSwapFree: 50 kB\n"
    )
    (root / "loadavg").write_text("0.10 0.20 0.30 1/100 42\n")


# -- folders with a size of their own, and processes one by one --------------------------------------------------------


async def test_a_folder_with_a_size_of_its_own_is_told_as_if_it_were_mounted(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    (logs / "web").mkdir(parents=True)
    (tmp_path / "large").write_bytes(b"x" * 500_000)
    (logs / "web" / "a.log").write_bytes(b"x" * 40_960)
    os.link(logs / "web" / "a.log", logs / "b.log")  # one file, two names
    (logs / "link").symlink_to(tmp_path)
    folders = {"logs": Quota(path=str(logs), capacity=100_000), "lost": Quota(path=str(tmp_path / "no"), capacity=1)}
    values = await Disk("disk", DiskSource(kind="disk", mounts=(str(tmp_path),), folders=folders)).fetch()
    used = int(subprocess.run(["du", "-s", "-B1", logs], capture_output=True, check=True).stdout.split()[0])
    assert told(values, f"used_bytes{{mount={logs}}}") == used
    assert told(values, f"used_share{{mount={logs}}}") == pytest.approx(used / 100_000)
    (logs / "web" / "c.log").write_bytes(b"x" * 200_000)
    values = await Disk("disk", DiskSource(kind="disk", folders=folders)).fetch()
    assert told(values, f"used_share{{mount={logs}}}") == 1.0 and not values.ok
    assert isinstance(values.get(f"used_share{{mount={tmp_path / 'no'}}}"), Unknown)


async def test_the_processes_that_hold_the_most_are_told_one_by_one() -> None:
    held = [b"x" * 60_000_000]
    values = await Host("host", HostSource(kind="host", top=50), SystemClock()).fetch()
    each = [figure for figure in values.figures if figure.name == "process_bytes"]
    mine = next(figure for figure in each if ("pid", str(os.getpid())) in figure.labels)
    assert (number(mine.value) or 0) > len(held[0]) and "of what is shared" in mine.note
    sizes = [number(figure.value) or 0 for figure in each]
    assert sizes == sorted(sizes, reverse=True) and len(each) <= 50
