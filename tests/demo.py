"""The embedded stack for end-to-end tests: one for the whole run, workers and all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.demo.background import Background
from services.demo.stack import Addresses, Options
from services.profile import Profile, load


@dataclass(frozen=True)
class Demo:
    """A running stack, and a superuser's hand in its database."""

    addresses: Addresses

    @property
    def profile_path(self) -> Path:
        return Path(self.addresses.profile)

    @property
    def profile(self) -> Profile:
        return load(self.profile_path)

    @property
    def control(self) -> str:
        assert self.profile.demo
        return self.profile.demo.control

    def execute(self, sql: str, *params: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.addresses.dsn, autocommit=True) as connection:
            cursor = connection.execute(sql, params or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def count(self, sql: str, *params: object) -> int:
        return int(self.execute(f"SELECT count(*) {sql}", *params)[0][0])


def eventually(seen: Callable[[], object], wait: float = 20.0) -> None:
    """Waits for a condition; fails with what was seen last."""
    deadline = time.monotonic() + wait
    while not (last := seen()):
        assert time.monotonic() < deadline, f"not within {wait:.0f} s; last seen: {last!r}"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """One stack for all tests that ask for it. Leave flags and scenarios as they were found."""
    stack = Background(Options(), say=lambda line: None)
    try:
        yield Demo(stack.start())
    finally:
        stack.stop()
