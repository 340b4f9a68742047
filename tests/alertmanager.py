"""A real Alertmanager, to be told of alerts and asked what has become of them."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.needs import needs

CONFIG = """
route: { receiver: none }
receivers: [{ name: none }]
inhibit_rules: [{ source_matchers: ['severity="page"'], target_matchers: ['severity="warn"'], equal: [disk] }]
"""


@dataclass(frozen=True)
class Manager:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tell(self, *labels: dict[str, str], **annotations: str) -> None:
        body = [{"labels": each, "annotations": annotations} for each in labels]
        httpx.post(f"{self.url}/api/v2/alerts", json=body).raise_for_status()

    def alerts(self) -> dict[str, dict[str, Any]]:
        """By their names."""
        return {one["labels"]["alertname"]: one for one in httpx.get(f"{self.url}/api/v2/alerts").json()}

    def fingerprint(self, name: str) -> str:
        return str(self.alerts()[name]["fingerprint"])

    def silences(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx.get(f"{self.url}/api/v2/silences").json()
        return found

    def lift(self) -> None:
        """All silences."""
        for one in self.silences():
            httpx.delete(f"{self.url}/api/v2/silence/{one['id']}")


@contextmanager
def alertmanager() -> Iterator[Manager]:
    program = needs("prometheus-alertmanager")
    folder = Path(tempfile.mkdtemp(prefix="watchdeck-tests-"))
    (folder / "a.yml").write_text(CONFIG)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        found = Manager(unused.getsockname()[1])
    options = [f"--config.file={folder / 'a.yml'}", f"--storage.path={folder}", "--cluster.listen-address="]
    argv = [program, *options, f"--web.listen-address=127.0.0.1:{found.port}", "--log.level=error"]
    process = subprocess.Popen(argv)
    try:
        _wait(f"{found.url}/-/ready")
        yield found
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # it does not listen yet
        time.sleep(0.02)
    raise TimeoutError("the Alertmanager has not become ready")
