"""The system "ingest-api" as the demo brings it up: an API, a worker, Redis, a checkout with scripts, and senders."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, ClassVar

import psycopg

from services.demo.every import every
from services.demo.ingest.api import ROUTES
from services.demo.ingest.parts import Instances, Redis
from services.demo.ingest.release import Release
from services.demo.ingest.scenarios import SCENARIOS, Means
from services.demo.ingest.traffic import USUAL, Traffic, send
from services.demo.system import System

FOLLOW_S = 0.2


class Ingest(System):
    name = "ingest-api"
    database = "ingest"
    scenarios = SCENARIOS
    drills: ClassVar[Mapping[str, str]] = {"incident-response": "bad-release"}
    usual: ClassVar[Mapping[str, float]] = {"volume": USUAL}

    def fill(self, owner: psycopg.Connection[Any]) -> None:
        owner.execute((resources.files("services.demo.ingest") / "schema.sql").read_text())

    def start(self) -> None:
        self.home = self.site.folder / "home"
        _copy(resources.files("services.demo.ingest") / "home", self.home)
        (self.home / "log").mkdir()
        (self.home / "docs" / "routes.json").write_text(json.dumps(ROUTES))
        self.site.private("home/dsn", self.site.dsn)
        Release().write(self.home)
        self.site.child("worker", "services.demo.ingest.worker", dsn=self.site.dsn, home=str(self.home))
        self.redis = Redis(self.site)
        self.redis.begin()
        self.instances = Instances(self.site, self.home, self.redis.port)
        self.instances.begin()

    def begin(self) -> Means:
        self.api = f"http://127.0.0.1:{self.instances.port}"
        self.site.private("home/url", self.api)
        every(lambda: FOLLOW_S, self.instances.follow, self.site.stopped)
        traffic = Traffic()
        threading.Thread(target=send, args=(self.api, traffic, self.site.stopped), daemon=True).start()
        return Means(self.home, traffic, self.redis)

    def addresses(self) -> Mapping[str, str]:
        return {
            "INGEST_ENVIRONMENT": "demo",
            "INGEST_SYSTEM_IDENTIFIER": self.site.identifier,
            "INGEST_DSN": self.site.console_dsn,
            "INGEST_API": self.api,
            "INGEST_REDIS": f"127.0.0.1:{self.redis.port}",
            "INGEST_HOME": str(self.home),
            "INGEST_LOGS": str(self.home / "log"),
            "INGEST_PYTHON": sys.executable,
        }


def _copy(source: Traversable, target: Path) -> None:
    """The files of a folder of this package, which may be in an archive."""
    target.mkdir()
    for each in source.iterdir():
        if each.is_dir():
            if each.name != "__pycache__":
                _copy(each, target / each.name)
        else:
            (target / each.name).write_bytes(each.read_bytes())
