"""The checks that need no server: format, lint, types, and that imports point one way. One command runs everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "argv",
    [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"], ["lint-imports"]],
    ids=["format", "lint", "types", "imports"],
)
def test_the_code_is_kept_in_order(argv: list[str]) -> None:
    done = subprocess.run([str(BIN / argv[0]), *argv[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_nothing_of_one_machine_is_in_the_project() -> None:
    """No lock file with registry hosts, no home or work paths, in any tracked text file."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    offenders = []
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".sql", ".svg", ".txt", ""} and name != "tests/test_house.py":
            text = path.read_text(encoding="utf-8", errors="ignore")
            offenders += [f"{name}: {bad}" for bad in ("index" + "-url", "/sim" + "ple/", f"{ROOT}/") if bad in text]
    assert offenders == []
