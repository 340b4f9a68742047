"""What the demo's units start: processes of the stack, and its PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.demo.child import Child
from services.demo.database import start_cluster
from services.demo.postgres import Cluster
from services.demo.site import Site


@dataclass
class Process:
    """A module of the demo."""

    site: Site
    name: str
    module: str
    settings: dict[str, Any]
    child: Child | None = field(default=None)

    def start(self) -> None:
        self.child = self.site.child(self.name, f"services.demo.analytics.{self.module}", **self.settings)
        self.child.wait_ready()

    def stop(self) -> None:
        if self.child:
            self.child.stop()

    @property
    def pid(self) -> int | None:
        return self.child.pid if self.child and self.child.alive else None


@dataclass
class Server:
    cluster: Cluster

    def start(self) -> None:
        if not self.pid:
            start_cluster(self.cluster)

    def stop(self) -> None:
        self.cluster.stop()

    @property
    def pid(self) -> int | None:
        process = self.cluster.process
        return process.pid if process and process.poll() is None else None
