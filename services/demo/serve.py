"""Serving a stack in this process until a signal ends it, and the errors of the way up in words."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable

import psycopg

from services.demo.objects import StorageError
from services.demo.stack import Addresses, Options, Stack
from services.errors import WatchdeckError


class Interrupted(BaseException):
    """Somebody wants the demo to end."""


def serve(options: Options, say: Callable[[str], None], announce: Callable[[Addresses], None]) -> None:
    """Starts the stack, announces it, serves until TERM, HUP or INT, and leaves nothing behind."""

    def interrupt(number: int, frame: object) -> None:
        for other in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(other, signal.SIG_IGN)  # once is enough: the way down is not to be interrupted
        raise Interrupted

    stack = Stack(options, say)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup is to be believed
            signal.signal(number, interrupt)
    try:
        announce(stack.start())
        stack.run()
    except Interrupted:
        pass
    except (OSError, psycopg.Error, StorageError) as error:
        raise WatchdeckError(f"the demo could not start: {error}", _remedy(error)) from error
    finally:
        stack.stop()


def _remedy(error: Exception) -> str:
    """A statement that its database refuses has nothing to do with where the demo lies."""
    if isinstance(error, OSError | psycopg.OperationalError):  # DiskFull is one of the latter, and a server that died
        return f"is there space left in {tempfile.gettempdir()}? set TMPDIR to another place"
    return "it is a fault of the demo's own: please report it with these lines"
