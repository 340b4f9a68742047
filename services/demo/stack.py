"""The whole embedded stack in one folder: starts every part in the right order, and takes everything down again."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.demo import backups
from services.demo.child import Child
from services.demo.clients import Clients
from services.demo.control_server import serve_control
from services.demo.database import NAME, OPERATOR, OWNER, capacity, create, settings, start_cluster
from services.demo.director import Director
from services.demo.guardian import guard, relieve
from services.demo.link import Link
from services.demo.objects import Objects
from services.demo.pipeline import pool_types
from services.demo.postgres import Cluster, find_binaries
from services.demo.s3 import AGES_PATH, BUCKET, CANARY, FAULT_PATH
from services.demo.scenarios import SCENARIOS, Means
from services.demo.traffic import Traffic, browse
from services.demo.upkeep import dumps, every, reapers, uploads
from services.errors import WatchdeckError

POOLS = {"ingest": 4, "process": 6, "publish": 3}  # pool -> slots
WATCH_S = 1.0


@dataclass(frozen=True)
class Options:
    system: str = "mre"
    jobs: int = 0  # of history
    scenario: str = ""


@dataclass(frozen=True)
class Addresses:
    """Where the stack is. `dsn` is the superuser's; the profile has the console's own."""

    profile: str
    dsn: str
    s3: str
    api: str
    pid: int


@dataclass
class Stack:
    options: Options
    say: Callable[[str], None]  # progress, a line at a time
    folder: Path = field(init=False)
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    _children: dict[str, Child] = field(default_factory=dict)
    _pools: dict[str, Child] = field(default_factory=dict)  # the present process of each pool
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))  # of workers
    _stopped: threading.Event = field(default_factory=threading.Event)
    _down: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _cluster: Cluster = field(init=False)

    def start(self) -> Addresses:
        """Brings everything up. Call stop() whatever happens, also when this fails half way."""
        _check_parts()
        self.folder = Path(tempfile.mkdtemp(prefix="watchdeck-demo-"))
        self._down.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._down.callback(relieve, guard(self.folder))
        self._cluster = Cluster(self.folder, settings=settings())
        self._down.callback(self._cluster.stop)
        self._down.callback(self._stop_children)
        store = self._child("s3", "services.demo.s3", secret=self._secret)  # takes a second: beside initdb
        identifier = self._start_database()
        self._s3 = f"http://127.0.0.1:{store.wait_ready()['port']}"
        self.say("starting API and workers")
        api = self._child("api", "services.demo.api", **self._common)
        for pool in POOLS:
            self._start_worker(pool)
        self._fill_bucket()  # meanwhile
        self._api = f"http://127.0.0.1:{api.wait_ready()['port']}"
        director = self._bring_to_life()
        profile = self._write_profile(identifier, serve_control(director))
        for pool in POOLS:
            self._pools[pool].wait_ready()
        if self.options.scenario:
            self.say(f"starting scenario {self.options.scenario}")
            director.start(self.options.scenario)
        return Addresses(str(profile), self._cluster.dsn(dbname=NAME), self._s3, self._api, os.getpid())

    def run(self) -> None:
        """Serves until something raises in the main thread: a signal handler does."""
        while True:
            self._stopped.wait(WATCH_S)

    def stop(self) -> None:
        """Ends every process and removes the folder, in the reverse order of start(), however far that came."""
        self._down.close()

    # ---- parts ------------------------------------------------------------------------------------------------------

    def _start_database(self) -> str:
        """Its system identifier."""
        self.say("starting PostgreSQL")
        ahead = threading.Thread(target=_import_ahead, daemon=True)
        ahead.start()
        self._cluster.initialise()
        ahead.join()
        start_cluster(self._cluster)
        return create(self._cluster, self.options.system, self.options.jobs, self.say)

    def _stop_children(self) -> None:
        self._stopped.set()
        children = list(self._children.values())
        for child in children:
            child.let_go()
        for child in children:
            child.stop()

    @property
    def _common(self) -> dict[str, Any]:
        return {"dsn": self._cluster.dsn(OWNER, NAME), "s3": self._s3, "bucket": BUCKET}

    def _child(self, name: str, module: str, **settings: Any) -> Child:
        child = self._children[name] = Child(module, settings, self.folder / f"{name}.log")
        child.start()
        return child

    def _start_worker(self, pool: str) -> None:
        self._pools[pool] = self._worker(pool, pool_types(pool), POOLS[pool])[1]

    def _doomed_worker(self, pool: str, types: tuple[str, ...], slots: int) -> tuple[str, Child]:
        """A worker that never finishes what it has claimed."""
        worker, child = self._worker(pool, types, slots, hold=True)
        child.wait_ready()
        return worker, child

    def _worker(self, pool: str, types: tuple[str, ...], slots: int, hold: bool = False) -> tuple[str, Child]:
        """A new process for the pool, and its worker id, which is never used twice."""
        worker = f"{pool}-{next(self._numbers)}"
        told = {"worker": worker, "pool": pool, "types": types, "slots": slots, "hold": hold}
        return worker, self._child(worker, "services.demo.worker", **told, **self._common)

    def _bring_to_life(self) -> Director:
        """Uploads, reapers, users of the API, and the watch over scenarios and worker pools."""
        where = (self._common["dsn"], self._s3, BUCKET, self._stopped)
        reapers(*where)
        uploads(*where)
        dumps(self._s3, BUCKET, self._stopped)
        traffic = Traffic()
        threading.Thread(target=browse, args=(self._api, traffic, self._stopped), daemon=True).start()
        means = Means(
            link=Link(self._common["dsn"], "mre-demo"),
            objects=Objects(self._s3, BUCKET),
            store_fault=lambda fault: self._tell_store(FAULT_PATH, asdict(fault)),
            doomed_worker=self._doomed_worker,
            traffic=traffic,
            clients=Clients(self._common["dsn"]),
        )
        director = Director(means)
        every(lambda: WATCH_S, director.watch, self._stopped)
        every(lambda: WATCH_S, self._replace_dead_workers, self._stopped)
        return director

    def _replace_dead_workers(self) -> None:
        """As a scheduler does: what the dead one held stays locked until the reaper or an operator frees it."""
        for pool in POOLS:
            if not self._pools[pool].alive and not self._stopped.is_set():
                self._pools[pool].stop()  # it is dead: this closes its pipes
                self._start_worker(pool)

    def _fill_bucket(self) -> None:
        bucket = Objects(self._s3, BUCKET)
        with contextlib.closing(bucket):
            bucket.put("", b"")  # creates it
            bucket.encrypt()
            bucket.put(CANARY, b"watchdeck")
            self._tell_store(AGES_PATH, backups.seed(bucket))

    def _tell_store(self, path: str, told: Any) -> None:
        connection = http.client.HTTPConnection(self._s3.removeprefix("http://"), timeout=5)
        with contextlib.closing(connection):
            connection.request("PUT", path, json.dumps(told), {"X-Demo-Secret": self._secret})
            if connection.getresponse().status != 200:
                raise WatchdeckError(f"the demo's object store did not take {path}")

    def _write_profile(self, identifier: str, control: str) -> Path:
        from services.demo.ready_profile import ready_profile
        from services.demo.usual import learn
        from services.profile import load

        credentials = self.folder / "s3-credentials"
        _private(credentials, "[default]\naws_access_key_id = demo\naws_secret_access_key = demo-secret\n")
        addresses = {
            "MRE_ENVIRONMENT": "demo",
            "MRE_SYSTEM_IDENTIFIER": identifier,
            "MRE_DSN": self._cluster.dsn(OPERATOR, NAME),
            "MRE_API": self._api,
            "MRE_S3": self._s3,
            "MRE_BUCKET": BUCKET,
            "MRE_S3_CREDENTIALS": str(credentials),
            "MRE_DB_CAPACITY": f"{capacity(self._cluster)}B",
        }
        titles = {name: scenario.title for name, scenario in SCENARIOS.items()}
        path = self.folder / "watchdeck.toml"
        _private(path, ready_profile(self.options.system, addresses, control, titles, str(self.folder / "state")))
        learn(load(path), time.time())
        return path


def _import_ahead() -> None:
    """What is needed later and takes half a second to import, while initdb runs."""
    for module in ("services.actions.grants", "services.demo.ready_profile", "services.demo.usual"):
        import_module(module)


def _private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _check_parts() -> None:
    """WatchdeckError when the demo extra is not installed."""
    find_binaries()
    for package in ("moto", "flask", "flask_cors"):
        if find_spec(package) is None:
            raise WatchdeckError(f"the demo's S3 server needs the package {package}", "pip install 'watchdeck[demo]'")
