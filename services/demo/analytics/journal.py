"""The demo's journal: one file of JSON lines, as `journalctl --output=json` tells them; each process appends."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from itertools import count

INFO, WARNING, ERROR = 6, 4, 3
_numbers = count(1)


@dataclass(frozen=True)
class Journal:
    path: str
    unit: str

    def say(self, message: str, priority: int = INFO) -> None:
        line = {
            "__CURSOR": f"s={os.getpid():x};i={next(_numbers):x};t={time.time_ns():x}",
            "__REALTIME_TIMESTAMP": str(time.time_ns() // 1000),
            "_SYSTEMD_UNIT": f"{self.unit}.service",
            "SYSLOG_IDENTIFIER": self.unit,
            "PRIORITY": str(priority),
            "MESSAGE": message,
        }
        # one write of one line: what several processes append does not mix
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(file, json.dumps(line).encode() + b"\n")
        finally:
            os.close(file)
