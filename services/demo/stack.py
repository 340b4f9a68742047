"""The whole embedded stack in one folder: starts every part in the right order, and takes everything down again."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from services.demo.control_server import serve_control
from services.demo.database import create, settings, start_cluster
from services.demo.director import Director
from services.demo.every import every
from services.demo.guardian import guard, relieve
from services.demo.objects import Objects
from services.demo.postgres import Cluster, find_binaries
from services.demo.s3 import CANARY
from services.demo.site import Site
from services.demo.system import System
from services.demo.systems import system
from services.errors import WatchdeckError

WATCH_S = 1.0
# What is needed later and takes half a second to import, beside initdb.
AHEAD = ("services.actions.grants", "services.demo.ready_profile", "services.demo.usual")


@dataclass(frozen=True)
class Options:
    system: str = "mre"
    jobs: int = 0  # of history
    scenario: str = ""


@dataclass(frozen=True)
class Addresses:
    """Where the stack is; "" for what its system does not have. `dsn` is the superuser's; the profile has the console's
    own."""

    profile: str
    dsn: str
    s3: str
    api: str
    pid: int
    people: Mapping[str, str] = field(default_factory=dict)  # further logins -> the profile of each


@dataclass
class Stack:
    options: Options
    say: Callable[[str], None]  # progress, a line at a time
    _site: Site = field(init=False)
    _down: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start(self) -> Addresses:
        """Brings everything up. Call stop() whatever happens, also when this fails half way."""
        kind = system(self.options.system)
        _check_parts(kind)
        site = self._site = self._settle_down(kind)
        living = kind(site)
        store = site.child("s3", "services.demo.s3", secret=site.secret) if kind.bucket else None  # beside initdb
        if kind.database:
            self._start_database(living)
        if store:
            site.s3 = f"http://127.0.0.1:{store.wait_ready()['port']}"
            self._make_bucket()
        self.say("starting its services")
        living.start()
        director = Director(kind.scenarios, living.begin())
        every(lambda: WATCH_S, director.watch, site.stopped)
        control = serve_control(director)
        profile = self._write_profile(living, control)
        people = {name: str(self._write_person(living, control, name)) for name in living.people}
        for child in list(site.children.values()):
            child.wait_ready()
        if self.options.scenario:
            self.say(f"starting scenario {self.options.scenario}")
            director.start(self.options.scenario)
        dsn = site.cluster.dsn(dbname=kind.database) if kind.database else ""
        return Addresses(str(profile), dsn, site.s3, living.api, os.getpid(), people)

    def run(self) -> None:
        """Serves until something raises in the main thread: a signal handler does."""
        while True:
            self._site.stopped.wait(WATCH_S)

    def stop(self) -> None:
        """Ends every process and removes the folder, in the reverse order of start(), however far that came."""
        self._down.close()

    # ---- parts ------------------------------------------------------------------------------------------------------

    def _settle_down(self, kind: type[System]) -> Site:
        """A folder with nothing in it yet, and everything that will clear it up."""
        folder = Path(tempfile.mkdtemp(prefix="watchdeck-demo-"))
        self._down.callback(shutil.rmtree, folder, ignore_errors=True)
        self._down.callback(relieve, guard(folder))
        cluster = Cluster(folder, settings={**settings(), **kind.cluster_settings})
        self._down.callback(cluster.stop)
        site = Site(folder, kind.database, kind.bucket, self.options.jobs, self.say, secrets.token_urlsafe(16), cluster)
        self._down.push(site.down)
        self._down.callback(_stop_children, site)
        return site

    def _start_database(self, living: System) -> None:
        self.say("starting PostgreSQL")
        ahead = threading.Thread(target=_import_all, args=((*AHEAD, *living.ahead),), daemon=True)
        ahead.start()
        cluster = self._site.cluster
        cluster.initialise()
        ahead.join()
        start_cluster(cluster)
        self._site.identifier = create(cluster, living.database, living.name, living.fill, living.people)

    def _make_bucket(self) -> None:
        with contextlib.closing(Objects(self._site.s3, self._site.bucket)) as bucket:
            bucket.put("", b"")  # creates it
            bucket.encrypt()
            bucket.put(CANARY, b"watchdeck")

    def _write_profile(self, living: System, control: str) -> Path:
        from services.demo.usual import learn
        from services.profile import load

        site = self._site
        path = site.private("watchdeck.toml", self._profile(living, living.addresses(), control, "state", "admin"))
        if living.usual:
            learn(load(path), living.usual, time.time())
        return path

    def _write_person(self, living: System, control: str, name: str) -> Path:
        """Beside the console's: somebody else's, with a login and local records of their own."""
        site = self._site
        theirs = site.cluster.dsn(name, living.database)
        addresses = {key: theirs if value == site.console_dsn else value for key, value in living.addresses().items()}
        text = self._profile(living, addresses, control, f"state-{name}", living.people[name])
        return site.private(f"{name}.toml", text)

    def _profile(self, living: System, addresses: Mapping[str, str], control: str, state: str, role: str) -> str:
        from services.demo.ready_profile import ready_profile

        site = self._site
        titles = {name: scenario.title for name, scenario in living.scenarios.items()}
        return ready_profile(living.name, addresses, control, titles, str(site.folder / state), site.programs, role)


def _stop_children(site: Site) -> None:
    site.stopped.set()
    children = list(site.children.values())
    for child in children:
        child.let_go()
    for child in children:
        child.stop()


def _import_all(modules: tuple[str, ...]) -> None:
    for module in modules:
        import_module(module)


def _check_parts(kind: type[System]) -> None:
    """WatchdeckError when the demo extra is not installed."""
    if kind.database:
        find_binaries()
    for package in ("moto", "flask", "flask_cors") if kind.bucket else ():
        if find_spec(package) is None:
            raise WatchdeckError(f"the demo's S3 server needs the package {package}", "pip install 'watchdeck[demo]'")
