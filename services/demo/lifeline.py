"""What ties a demo process to the one that started it: settings arrive on standard input, and its end means: go.

The kernel closes a pipe when its writer dies, however it dies: who holds on to a lifeline cannot be left behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any


def settings(on_cut: Callable[[], None] = lambda: os._exit(0)) -> dict[str, Any]:
    """The starter's settings: the first line of standard input. `on_cut` is called when the starter lets go or dies."""
    # Ctrl-C in the terminal is for the starter, which then lets go of everybody in the right order
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    told: dict[str, Any] = json.loads(sys.stdin.buffer.readline() or b"{}")
    threading.Thread(target=_wait, args=(on_cut,), name="lifeline", daemon=True).start()
    return told


def _wait(on_cut: Callable[[], None]) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    on_cut()


def ready(**facts: Any) -> None:
    """Tells the starter that this process serves, and where."""
    print(json.dumps(facts), flush=True)
