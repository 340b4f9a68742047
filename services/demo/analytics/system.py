"""The system "analytics-etl" as the demo brings it up: five units on one machine, its scripts, logs and backups."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from services.demo.analytics.home import LOGS_CAPACITY, Home
from services.demo.analytics.journal import Journal
from services.demo.analytics.manager import serve_units
from services.demo.analytics.processes import Process, Server
from services.demo.analytics.scenarios import SCENARIOS, Means
from services.demo.analytics.traffic import browse
from services.demo.analytics.units import Unit, Units
from services.demo.every import every
from services.demo.link import Link
from services.demo.postgres import find_binaries, free_port
from services.demo.site import Site
from services.demo.system import System
from services.errors import WatchdeckError

WATCH_S = 0.5
SHM = Path("/dev", "shm")  # what stands for the disk: how full the real one is, is no matter of the demo's
_NGINX = '#!/bin/sh\necho "nginx: the configuration file nginx.conf syntax is ok" >&2\n'
_CLIENTS = ("pg_isready", "psql", "pg_dump")  # of the server's own version, beside it


class AnalyticsEtl(System):
    name = "analytics-etl"
    database = "analytics"
    scenarios = SCENARIOS
    drills: ClassVar[Mapping[str, str]] = {"troubleshooting": "unit-down", "incident": "bad-deploy"}

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._web_port, self._front_port = free_port(), free_port()
        self._journal = str(site.folder / "journal.jsonl")

    def fill(self, owner: psycopg.Connection[Any]) -> None:
        owner.execute((resources.files(__package__) / "schema.sql").read_text())

    def start(self) -> None:
        self._home = Home.made(self.site)
        self._processes = {
            "app-web": self._process("app-web", "gunicorn", port=self._web_port, home=str(self._home.path)),
            "app-orchestrator": self._process("app-orchestrator", "orchestrator"),
            "app-intake": self._process("app-intake", "intake"),
            "nginx": self._process("nginx", "front", port=self._front_port, upstream=self._web_port),
        }
        self._units = Units({name: self._unit(name) for name in (*self._processes, "postgresql")})
        self._install()
        starting = [threading.Thread(target=self._units.units[name].start) for name in self._processes]
        for thread in starting:
            thread.start()
        self._units.do("start", "postgresql")
        self._home.dumps()  # meanwhile
        for thread in starting:
            thread.join()

    def begin(self) -> Means:
        for name, unit in self._units.units.items():
            if unit.active != "active":
                raise WatchdeckError(f"the demo's {name} did not start", f"its log was {self.site.folder}/{name}.log")
        self.api = f"http://127.0.0.1:{self._front_port}"
        every(lambda: WATCH_S, self._units.watch, self.site.stopped)
        host = self.api.removeprefix("http://")
        threading.Thread(target=browse, args=(host, self.site.stopped), daemon=True).start()
        link = Link(self.site.dsn, "analytics-demo")
        return Means(self._home, self._units, self._processes["app-web"], self._processes["app-orchestrator"], link)

    def addresses(self) -> Mapping[str, str]:
        return {
            "ANALYTICS_ENVIRONMENT": "demo",
            "ANALYTICS_SYSTEM_IDENTIFIER": self.site.identifier,
            "ANALYTICS_FRONT": self.api,
            "ANALYTICS_WEB": f"http://127.0.0.1:{self._web_port}",
            "ANALYTICS_DSN": self.site.console_dsn,
            "ANALYTICS_SCRATCH_DSN": self.site.cluster.dsn(),
            "ANALYTICS_HOME": str(self._home.path),
            "ANALYTICS_DISK": str(SHM if SHM.is_dir() else self.site.folder),
            "ANALYTICS_LOGS_CAPACITY": f"{LOGS_CAPACITY}B",
        }

    # ---- parts ------------------------------------------------------------------------------------------------------

    def _process(self, name: str, module: str, **more: Any) -> Process:
        return Process(self.site, name, module, {"dsn": self.site.dsn, "journal": self._journal, **more})

    def _unit(self, name: str) -> Unit:
        service = self._processes.get(name) or Server(self.site.cluster)
        return Unit(name, _DESCRIPTIONS[name], service, Journal(self._journal, name))

    def _install(self) -> None:
        """Programs that stand for the machine's own, and the application's scripts."""
        site, binaries = self.site, find_binaries()
        port = serve_units(self._units, site.secret)
        here = resources.files(__package__) / "programs"
        for name, fills in (
            ("systemctl", {'PORT, SECRET = 0, ""': f"PORT, SECRET = {port}, {site.secret!r}"}),
            ("journalctl", {'PATH = ""': f"PATH = {self._journal!r}"}),
        ):
            text = (here / f"{name}.py").read_text()
            for before, after in fills.items():
                text = text.replace(before, after)
            site.program(name, f"#!{sys.executable} -IS\n{text}")
        site.program("nginx", _NGINX)
        for name in _CLIENTS:
            if (binaries / name).is_file():
                site.program(name, f'#!/bin/sh\nexec "{binaries / name}" "$@"\n')
        pg_dump = site.programs.get("pg_dump") or shutil.which("pg_dump") or "pg_dump"
        whole = site.cluster.dsn(dbname=site.database)  # as who may read all of it
        fills = {"HOME": str(self._home.path), "BIN": str(site.bin), "PYTHON": sys.executable, "PG_DUMP": pg_dump}
        self._home.install({**fills, "DSN": whole, "WEB": f"http://127.0.0.1:{self._web_port}"})


_DESCRIPTIONS = {
    "app-web": "Analytics web application",
    "app-orchestrator": "Analytics orchestrator",
    "app-intake": "Analytics intake watcher",
    "postgresql": "PostgreSQL RDBMS",
    "nginx": "A high performance web server and a reverse proxy server",
}
