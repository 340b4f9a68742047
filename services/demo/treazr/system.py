"""The system "treazr-island" as the demo brings it up: everything but the two Postgres servers and S3 in threads."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from importlib import resources
from typing import Any, ClassVar

import psycopg

from services.demo.dumping import dsn, role
from services.demo.every import every
from services.demo.link import Link
from services.demo.system import System
from services.demo.treazr.api import Api, serve_api
from services.demo.treazr.backups import ASSETS, DR_BUCKET, Archive, seed
from services.demo.treazr.commands import PROGRAM, Commands
from services.demo.treazr.edge import Edge
from services.demo.treazr.idlers import Idlers
from services.demo.treazr.kubernetes import Kubernetes
from services.demo.treazr.minio import Minio
from services.demo.treazr.pages import Pages
from services.demo.treazr.queue import Import, Workers
from services.demo.treazr.replica import Replica
from services.demo.treazr.scenarios import SCENARIOS, Means
from services.demo.treazr.users import browse

ARCHIVE_EVERY_S = 600.0
IMPORT_EVERY_S = 0.7
PROGRAMS = ("kubectl", "cmctl")


class TreazrIsland(System):
    name = "treazr-island"
    database = "treazr"
    bucket = "treazr-backups"
    cluster_settings: ClassVar[Mapping[str, str]] = {"max_connections": "100", "wal_receiver_status_interval": "1s"}
    scenarios = SCENARIOS
    drills: ClassVar[Mapping[str, str]] = {
        "weekly-hygiene": "certificate-expiring",
        "api-degraded": "api-errors",
        "jobs-piling-up": "queue-flood",
        "database-strained": "idle-connections",
        "object-storage-degraded": "storage-node-down",
        "cluster-strained": "unschedulable-pods",
    }

    def fill(self, owner: psycopg.Connection[Any]) -> None:
        owner.execute((resources.files("services.demo.treazr") / "schema.sql").read_text())

    def start(self) -> None:
        self._replica = Replica(self.site)
        self._kubernetes, self._minio = Kubernetes(), Minio()
        self._workers = Workers(self.site.dsn, self.site.stopped)
        self._kubernetes.on_change = lambda: self._workers.scale(self._kubernetes.running("workers"))
        self._edge = Edge(self.site.folder)
        commands = Commands(self._kubernetes, self._minio, self._edge.renew, lambda: self._replica.restart())
        self._pages = Pages(commands)
        for name in PROGRAMS:
            told = {"python": sys.executable, "address": self._pages.address, "secret": self._pages.secret}
            self.site.program(name, PROGRAM.format(name=name, **told))
        role(self.site)
        seed(self.site)

    def begin(self) -> Means:
        site = self.site
        self.api = serve_api(Api(Link(site.dsn, "treazr-api"), self._kubernetes))
        self._kubernetes.on_change()
        threading.Thread(target=browse, args=(self.api, site.stopped), daemon=True).start()
        archive = Archive(site)
        every(lambda: ARCHIVE_EVERY_S, archive.next, site.stopped)
        self._replica.wait()
        link = Link(site.dsn, "treazr-demo")
        imports = Import(Link(site.dsn, "treazr-import"))
        every(lambda: IMPORT_EVERY_S, imports.go_on, site.stopped)
        return Means(link, self._kubernetes, self._minio, self._edge, self._replica, Idlers(site.dsn), imports)

    def addresses(self) -> Mapping[str, str]:
        pages = f"http://{self._pages.address}"
        return {
            "TREAZR_ENVIRONMENT": "demo",
            "TREAZR_SYSTEM_IDENTIFIER": self.site.identifier,
            "TREAZR_DSN": self.site.console_dsn,
            "TREAZR_DB_CAPACITY": self.site.capacity,
            "TREAZR_API": self.api,
            "TREAZR_KUBE_METRICS": pages,
            "TREAZR_MINIO": pages,
            "TREAZR_MINIO_TOKEN": "demo",
            "TREAZR_REPORTS": f"{pages}/reports/weekly.json",
            "TREAZR_BACKUP_DSN": dsn(self.site),
            "TREAZR_SCRATCH_DSN": dsn(self.site, "postgres"),
            "TREAZR_S3": self.site.s3,
            "TREAZR_ASSETS": ASSETS,
            "TREAZR_BACKUPS": self.bucket,
            "TREAZR_S3_CREDENTIALS": self.site.credentials,
            "TREAZR_DR_S3": self.site.s3,
            "TREAZR_DR_BUCKET": DR_BUCKET,
            "TREAZR_DR_S3_CREDENTIALS": self.site.credentials,
            "TREAZR_EDGE": self._edge.address,
            "TREAZR_CA": str(self._edge.ca),
        }
