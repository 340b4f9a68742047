"""A process that was noted down is known again, and another one under its number is not taken for it."""

from __future__ import annotations

import os
import subprocess

from services.actions.alive import birth, lives


def test_a_process_is_known_by_its_number_and_its_birth() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        born = birth(process.pid)
        assert born and lives(process.pid, born) and lives(process.pid, "")
        assert not lives(process.pid, birth(os.getppid()) + "1")
        process.kill()
    assert not lives(process.pid, born) and birth(process.pid) == ""
