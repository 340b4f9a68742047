"""The pictures of the console, and keys that are pressed as fast as somebody types."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.pictures import Picture


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """After each key Textual's pilot looks twice whether the process is idle, for 20 ms each: a quarter will do.

    No test relies on it: what a key brings about is waited for as a condition.
    """
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.005)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.00025)
