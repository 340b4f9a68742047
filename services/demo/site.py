"""Where a system of the demo lives: its folder, its servers, and what it may start there."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.demo.child import Child
from services.demo.database import OPERATOR, capacity
from services.demo.postgres import Cluster
from services.demo.s3 import AGES_PATH, FAULT_PATH, Fault
from services.errors import WatchdeckError


@dataclass
class Site:
    """Everything that is started or written through it is gone when the stack has ended."""

    folder: Path
    database: str
    bucket: str
    jobs: int  # of history
    say: Callable[[str], None]  # progress, a line at a time
    secret: str  # that the object store asks of who tells it to fail
    cluster: Cluster  # it runs if there is a database
    stopped: threading.Event = field(default_factory=threading.Event)  # set when the stack goes down
    down: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)  # unwound when no child is left
    children: dict[str, Child] = field(default_factory=dict)
    identifier: str = ""  # the database's system identifier
    s3: str = ""  # the object store's address

    # ---- where things are -------------------------------------------------------------------------------------------

    @property
    def dsn(self) -> str:
        """As the system's own processes connect."""
        return self.cluster.dsn(self.database, self.database)

    @property
    def console_dsn(self) -> str:
        """As the console connects: with the rights of an operator."""
        return self.cluster.dsn(OPERATOR, self.database)

    @property
    def common(self) -> dict[str, Any]:
        """What most processes are told."""
        return {"dsn": self.dsn, "s3": self.s3, "bucket": self.bucket}

    @property
    def capacity(self) -> str:
        """Of the disk that the database is said to be on, as a profile writes it."""
        return f"{capacity(self.cluster)}B"

    @property
    def credentials(self) -> str:
        """The file of the object store's credentials."""
        path = self.folder / "s3-credentials"
        if not path.exists():
            self.private(path.name, "[default]\naws_access_key_id = demo\naws_secret_access_key = demo-secret\n")
        return str(path)

    # ---- what may be put there --------------------------------------------------------------------------------------

    def child(self, name: str, module: str, **settings: Any) -> Child:
        """A process, started but not waited for; `name` is its log's."""
        child = self.children[name] = Child(module, settings, self.folder / f"{name}.log")
        child.start()
        return child

    def private(self, name: str, text: str, mode: int = 0o600) -> Path:
        """A file that nobody else may read."""
        path = self.folder / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(text)
        return path

    def program(self, name: str, text: str) -> None:
        """A program (with its #! line) that stands for the real one of this name: the profile that the stack writes
        names it by its whole path wherever the shipped profile says `name`."""
        self.bin.mkdir(mode=0o700, exist_ok=True)
        self.private(f"{self.bin.name}/{name}", text, 0o700)

    @property
    def bin(self) -> Path:
        return self.folder / "bin"

    @property
    def programs(self) -> Mapping[str, str]:
        return {path.name: str(path) for path in self.bin.iterdir()} if self.bin.exists() else {}

    # ---- the object store -------------------------------------------------------------------------------------------

    def store_fault(self, fault: Fault) -> None:
        self._tell_store(FAULT_PATH, asdict(fault))

    def age(self, ages: Mapping[str, float], bucket: str = "") -> None:
        """Sets back when objects of the bucket (or of another) were written: key -> seconds ago."""
        self._tell_store(AGES_PATH, {f"{bucket or self.bucket}/{key}": seconds for key, seconds in ages.items()})

    def _tell_store(self, path: str, told: Any) -> None:
        connection = http.client.HTTPConnection(self.s3.removeprefix("http://"), timeout=5)
        with contextlib.closing(connection):
            connection.request("PUT", path, json.dumps(told), {"X-Demo-Secret": self.secret})
            if connection.getresponse().status != 200:
                raise WatchdeckError(f"the demo's object store did not take {path}")
