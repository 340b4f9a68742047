"""What the first paint must not wait for."""

from __future__ import annotations

import subprocess
import sys


def test_no_driver_and_no_model_is_imported_before_the_first_paint() -> None:
    """Each of them costs between 60 and 300 ms, before anything is on the screen."""
    heavy = ("pydantic", "psycopg", "httpx", "boto3", "botocore", "plotext", "moto")
    code = (
        "import sys, tui.__main__, tui.console, tui.app, tui.opening, tui.screens.overview, tui.terminal\n"
        f"print(*[name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
