"""What is rolled out: one JSON file that the rollout program writes, and the API and its supervisor read."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

FILE = "release.json"
GOOD, BAD = "1.8.3", "1.9.0"
LIMITS = {"INGEST_MAX_BATCH_ITEMS": "1000", "MAX_REQUEST_BODY_BYTES": "1000000"}


@dataclass(frozen=True)
class Release:
    """`share` of the instances run `image`, the others `known_good`. `revision` counts what needs a restart."""

    image: str = GOOD
    known_good: str = GOOD
    share: float = 1.0
    paused: bool = False
    degraded: bool = False
    revision: int = 1
    config: dict[str, str] = field(default_factory=lambda: dict(LIMITS))
    previous: dict[str, str] | None = None  # the configuration before the last change

    @classmethod
    def read(cls, home: Path) -> Release:
        return cls(**json.loads((home / FILE).read_text()))

    @classmethod
    def change(cls, home: Path, how: Callable[[Release], Release]) -> Release:
        """As it is afterwards. The rollout program takes the same lock: neither overwrites the other's change."""
        with (home / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            now = how(cls.read(home))
            now.write(home)
        return now

    def write(self, home: Path) -> None:
        """Whole, or not at all."""
        path = home / f".{FILE}.{os.getpid()}"
        path.write_text(json.dumps(asdict(self), indent=1))
        path.replace(home / FILE)

    def rolling(self, image: str, share: float) -> Release:
        return replace(self, image=image, share=share, paused=False, revision=self.revision + 1)

    def configured(self, **config: str) -> Release:
        return replace(self, config={**self.config, **config}, previous=self.config, revision=self.revision + 1)
