"""The application's own folder, as /opt/app is: releases, scripts, logs and backups."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

from services.demo.site import Site
from services.errors import WatchdeckError

DAY_S = 86_400.0
RELEASES = ("v5.2.0", "v5.2.1", "v5.3.0")
LIVE, BAD, BAD_EVERY = "v5.3.0", "v5.4.0", 5  # of the bad one every fifth report fails
DUMPS_DAYS = (*range(1, 13), 33, 41)  # days ago, beside today's
LOGS_CAPACITY = 40_000_000
FLOOD, FLOOD_FILE = 9, 4_200_000  # files, and bytes of each: more than 90 % of what logs may hold


@dataclass(frozen=True)
class Home:
    path: Path

    @classmethod
    def made(cls, site: Site) -> Home:
        home = cls(site.folder / "app")
        for name in ("releases", "scripts", "logs", "backups"):
            (home.path / name).mkdir(parents=True)
        for name in RELEASES:
            home.release(name)
        (home.path / "current").symlink_to(f"releases/{LIVE}")
        home._old_logs()
        return home

    def release(self, name: str, failing: int = 0) -> None:
        """One below releases/, which deploy.sh would find."""
        folder = self.path / "releases" / name
        folder.mkdir(exist_ok=True)
        (folder / "release.json").write_text(json.dumps({"version": name, "failing": failing}))

    @property
    def live(self) -> str:
        return (self.path / "current").readlink().name

    # ---- scripts ----------------------------------------------------------------------------------------------------

    def install(self, fills: Mapping[str, str]) -> None:
        """The scripts, with `@NAME@` filled in."""
        for file in (resources.files(__package__) / "scripts").iterdir():
            text = file.read_text()
            for name, value in fills.items():
                text = text.replace(f"@{name}@", value)
            path = self.path / "scripts" / file.name
            path.write_text(text)
            path.chmod(0o700)

    def run(self, script: str) -> None:
        """WatchdeckError carries what it said."""
        argv = [str(self.path / "scripts" / script)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        if done.returncode:
            raise WatchdeckError(f"the demo's {script}: {(done.stderr or done.stdout).strip()[-400:]}")

    # ---- logs -------------------------------------------------------------------------------------------------------

    def _old_logs(self) -> None:
        logs = self.path / "logs"
        for days in (2, 9, 12):
            _aged(logs / f"web-{days}d.log", b"GET /api/engines 200\n" * 2_000, days)
        at = datetime.now(UTC) - timedelta(days=2)
        line = {"timestamp": at.isoformat(timespec="seconds"), "level": "warning", "name": "p95-latency"}
        _aged(logs / "alerts.jsonl", json.dumps({**line, "message": "p95 913.0 ms"}).encode() + b"\n", 2)

    def flood(self) -> None:
        """Somebody left debugging on, and nobody rotated it away."""
        for number in range(FLOOD):
            _aged(self.path / "logs" / f"debug.{number}.log", os.urandom(65_536) * (FLOOD_FILE // 65_536), 8 + number)

    @property
    def flooded(self) -> list[Path]:
        return list((self.path / "logs").glob("debug.*.log"))

    # ---- backups ----------------------------------------------------------------------------------------------------

    def dumps(self) -> None:
        """Of every night, all of one dump that is real."""
        self.run("backup.sh")
        today = (self.path / "backups" / "db_latest.sql.gz").resolve()
        for days in DUMPS_DAYS:
            copy = today.with_name(f"db_{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}.sql.gz")
            shutil.copyfile(today, copy)
            _set_back(copy, days)

    def miss_backups(self) -> None:
        """Of the last two nights."""
        backups = self.path / "backups"
        for days in (0, 1):
            (backups / f"db_{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}.sql.gz").unlink(missing_ok=True)
        newest = max(backups.glob("db_2*.sql.gz"), key=lambda path: path.stat().st_mtime)
        latest = backups / "db_latest.sql.gz"
        latest.unlink(missing_ok=True)
        latest.symlink_to(newest.name)

    @property
    def newest_dump_s(self) -> float:
        ages = [time.time() - path.stat().st_mtime for path in (self.path / "backups").glob("db_2*.sql.gz")]
        return min(ages, default=float("inf"))


def _aged(path: Path, content: bytes, days: float) -> None:
    path.write_bytes(content)
    _set_back(path, days)


def _set_back(path: Path, days: float) -> None:
    at = time.time() - days * DAY_S
    os.utime(path, (at, at))
