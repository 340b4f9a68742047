"""A stack in a process of its own, for whoever needs the terminal for something else: the console, and tests.

Run as a module it is that process: options come by the lifeline, progress goes to standard error.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from services.demo import lifeline
from services.demo.child import ROOT
from services.demo.serve import serve
from services.demo.stack import Addresses, Options
from services.errors import WatchdeckError

STOP_S = 20.0


class StackFailed(WatchdeckError):
    """The embedded stack did not come up."""


@dataclass
class Background:
    options: Options
    say: Callable[[str], None]  # progress while it starts; silent afterwards, the terminal is the console's then
    _process: subprocess.Popen[bytes] | None = None
    _heard: list[str] = field(default_factory=list)
    _serving: bool = False

    def start(self) -> Addresses:
        """Returns when the stack serves. Call stop() whatever happens."""
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "services.demo.background"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            start_new_session=True,
        )
        assert process.stdin and process.stdout
        hearing = threading.Thread(target=self._hear, args=(process,), daemon=True)
        hearing.start()
        process.stdin.write(json.dumps(asdict(self.options)).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            hearing.join(2)
            raise StackFailed("\n".join(self._heard[-6:]) or "the demo ended before it served")
        self._serving = True
        return Addresses(**json.loads(line))

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr
        with process.stderr as lines:
            for raw in lines:
                line = raw.decode(errors="replace").rstrip()
                self._heard.append(line)
                if line.startswith(_SAID) and not self._serving:
                    self.say(line.removeprefix(_SAID))

    def stop(self) -> None:
        """Ends the stack and waits until nothing of it is left."""
        if self._process is None:
            return
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()  # cuts the lifeline
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()  # the guardian clears up after it
            self._process.wait()
        self._process.stdout.close()
        self._process = None


_SAID = "demo: "


def main() -> None:
    options = Options(**lifeline.settings(on_cut=lambda: os.kill(os.getpid(), signal.SIGTERM)))
    try:
        serve(
            options,
            lambda line: print(_SAID + line, file=sys.stderr, flush=True),
            lambda addresses: lifeline.ready(**asdict(addresses)),
        )
    except WatchdeckError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
