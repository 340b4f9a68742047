"""The pictures of the console."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.pictures import Picture


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Picture)
