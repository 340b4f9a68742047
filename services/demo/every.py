"""Something that a running stack does again and again, in a thread of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import psycopg


def every(seconds: Callable[[], float], work: Callable[[], None], stopped: threading.Event) -> threading.Thread:
    """Does `work` again and again in a thread of its own; a database that is away or out of order is waited for."""

    def turn() -> None:
        while not stopped.wait(seconds()):
            with contextlib.suppress(psycopg.Error):  # the server's log has it; the link opens itself again
                work()

    thread = threading.Thread(target=turn, daemon=True)
    thread.start()
    return thread
