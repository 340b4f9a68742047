"""The processes of the ingest API, and who keeps them as the rollout says: started anew, or brought back."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path

from services.demo.child import Child
from services.demo.ingest.release import Release
from services.demo.site import Site


@dataclass
class Redis:
    """Can be killed, and comes back on the same port."""

    site: Site
    port: int = 0

    def begin(self) -> None:
        self._child = self.site.child("redis", "services.demo.ingest.redis", port=self.port)
        self.port = self._child.wait_ready()["port"]

    def start(self) -> None:
        if not self._child.alive and not self.site.stopped.is_set():
            self._child.stop()  # it is dead: this closes its pipes
            self.begin()

    def kill(self) -> None:
        self._child.kill()


@dataclass
class Instances:
    """The API: one process that stands for all of them, with the image and the configuration that are rolled out."""

    site: Site
    home: Path
    redis: int
    port: int = 0
    _one: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        self._release = Release.read(self.home)
        told = {"dsn": self.site.dsn, "home": str(self.home), "redis": self.redis, "port": self.port}
        self._child: Child = self.site.child("api", "services.demo.ingest.api", release=asdict(self._release), **told)
        self.port = self._child.wait_ready()["port"]

    def follow(self) -> None:
        """Looked at several times a second."""
        with self._one:
            due = Release.read(self.home).revision != self._release.revision or not self._child.alive
            if due and not self.site.stopped.is_set():
                self._child.stop()
                self.begin()
