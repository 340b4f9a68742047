"""Programs that a test machine may lack: a test that cannot run says why, and the run counts such tests at its end."""

from __future__ import annotations

import shutil

import pytest

MISSING = "not installed here: "  # what the count at the end of the run goes by


def needs(program: str) -> str:
    """The program's path, or the test is skipped with the reason."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{MISSING}{program}")
    return found
