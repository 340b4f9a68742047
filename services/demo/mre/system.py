"""The system "mre" as the demo brings it up: an API, worker pools, uploads, reapers, dumps, and users."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from functools import partial
from importlib import resources
from typing import Any, ClassVar

import psycopg

from services.demo.child import ChildFailed
from services.demo.dumping import dsn, role
from services.demo.every import every
from services.demo.link import Link
from services.demo.mre import backups, release
from services.demo.mre.clients import Clients
from services.demo.mre.history import fill
from services.demo.mre.pools import Pools
from services.demo.mre.scenarios import SCENARIOS, Means
from services.demo.mre.traffic import Traffic, browse
from services.demo.mre.upkeep import dumps, reapers, uploads
from services.demo.objects import Objects
from services.demo.site import Site
from services.demo.system import System

REPLACE_S = 1.0


class Mre(System):
    name = "mre"
    database = "mre"
    bucket = "mre"
    has_history = True
    people: ClassVar[Mapping[str, str]] = {"support": "support", "approver": "operator"}
    scenarios = SCENARIOS
    drills: ClassVar[Mapping[str, str]] = {
        "ingestion-failing": "parser-regression",
        "lap-detection-failing": "bad-release",
        "fusion-backlog": "fusion-backlog",
        "storage-partial-outage": "storage-outage",
    }
    usual: ClassVar[Mapping[str, float]] = {  # as the demo's users behave
        "auth-failure-spike": 0.02,
        "signed-url-volume": 1.1,
        "db-slow-queries": 0.0,
    }

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._pools = Pools(site)

    def fill(self, owner: psycopg.Connection[Any]) -> None:
        here = resources.files("services.demo.mre")
        for file in ("schema.sql", "retention.sql", "faults.sql", "audit.sql"):
            owner.execute((here / file).read_text())
        if self.site.jobs:
            fill(owner, self.site.jobs, self.site.say)
            self.site.say("history: indexes")
        owner.execute((here / "indexes.sql").read_text())
        if self.site.jobs:
            owner.execute("VACUUM sessions, processing_runs, jobs, job_attempts")  # or autovacuum does, meanwhile

    def start(self) -> None:
        role(self.site)
        self.site.program(release.PROGRAM, release.program(self.site.dsn))
        self._api = self.site.child("api", "services.demo.mre.api", version=release.GOOD, **self.site.common)
        self._pools.start()
        self.site.age(self._nightly().seed())

    def begin(self) -> Means:
        self.api = f"http://127.0.0.1:{self._api.wait_ready()['port']}"
        site, traffic = self.site, Traffic()
        where = (site.dsn, site.s3, self.bucket, site.stopped)
        reapers(*where)
        uploads(*where)
        dumps(self._nightly(), site.stopped)
        threading.Thread(target=browse, args=(self.api, traffic, site.stopped), daemon=True).start()
        every(lambda: REPLACE_S, self._keep_up(Link(site.dsn, "mre-controller")), site.stopped)
        return Means(
            link=Link(site.dsn, "mre-demo"),
            objects=Objects(site.s3, self.bucket),
            store_fault=site.store_fault,
            doomed_worker=self._pools.doomed,
            traffic=traffic,
            clients=Clients(site.dsn),
            people={name: site.cluster.dsn(name, self.database) for name in self.people},
            nightly=self._nightly(),
        )

    def _nightly(self) -> backups.Nightly:
        return backups.Nightly(Objects(self.site.s3, self.bucket), dsn(self.site))

    def _keep_up(self, link: Link) -> Callable[[], None]:
        """Workers that died are replaced, and whatever is of another version than its pin."""
        replace: dict[str, Callable[[str], None]] = {
            "web": self._replace_api,
            "workers": partial(self._pools.roll, link),
        }
        controller = release.Controller(link, replace, dict.fromkeys(replace, release.GOOD))

        def turn() -> None:
            with contextlib.suppress(ChildFailed):  # its log says why; it is tried again
                self._pools.replace_dead()
                controller.turn()

        return turn

    def _replace_api(self, version: str) -> None:
        """The new one listens on the same port before the old one goes."""
        old, port = self._api, int(self.api.rpartition(":")[2])
        told = {**self.site.common, "version": version, "port": port}
        self._api = self.site.child(f"api-{version}", "services.demo.mre.api", **told)
        self._api.wait_ready()
        old.stop()

    def addresses(self) -> Mapping[str, str]:
        return {
            "MRE_ENVIRONMENT": "demo",
            "MRE_SYSTEM_IDENTIFIER": self.site.identifier,
            "MRE_DSN": self.site.console_dsn,
            "MRE_API": self.api,
            "MRE_S3": self.site.s3,
            "MRE_BUCKET": self.bucket,
            "MRE_S3_CREDENTIALS": self.site.credentials,
            "MRE_DB_CAPACITY": self.site.capacity,
            "MRE_BACKUP_DSN": dsn(self.site),
            "MRE_SCRATCH_DSN": dsn(self.site, "postgres"),
        }
