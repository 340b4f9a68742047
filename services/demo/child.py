"""One process of the demo, by its module's name: settings in, one ready line out, ended by cutting its lifeline."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.errors import WatchdeckError

ROOT = Path(__file__).parents[2]  # the folder that holds the packages, whatever the current folder is


class ChildFailed(WatchdeckError):
    """A part of the demo did not start."""


@dataclass
class Child:
    """`log` keeps what it writes to standard error. start() returns at once, wait_ready() when it serves."""

    module: str
    settings: dict[str, Any]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    _facts: dict[str, Any] | None = None  # what it said when it was ready

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "AWS_"))}
        environment["TMPDIR"] = str(self.log.parent)  # whatever a library leaves behind goes with the demo's folder
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=environment,
                start_new_session=True,
            )
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):  # it died at once: wait_ready says why
            self.process.stdin.write(json.dumps(self.settings).encode() + b"\n")
            self.process.stdin.flush()

    def wait_ready(self, wait: float = 30.0) -> dict[str, Any]:
        """What it says about itself once it serves; may be asked again. ChildFailed carries the end of its log."""
        if self._facts is not None:
            return self._facts
        assert self.process and self.process.stdout
        readable, _, _ = select.select([self.process.stdout], [], [], wait)
        line = self.process.stdout.readline() if readable else b""
        if not line:
            self.stop(0.5)
            tail = self.log.read_text(errors="replace").strip()[-600:]
            raise ChildFailed(f"{self.module} did not start within {wait:.0f} s:\n{tail}", "look into its log above")
        facts: dict[str, Any] = json.loads(line)
        self._facts = facts
        return facts

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def let_go(self) -> None:
        """Cuts the lifeline; the process ends by itself."""
        if self.process and self.process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()

    def stop(self, wait: float = 3.0) -> None:
        self.let_go()
        if not self.process:
            return
        deadline = time.monotonic() + wait
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill()
        if self.process.stdout:
            self.process.stdout.close()

    def kill(self) -> None:
        """kill -9: it has no chance to let go of anything."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
