"""Retention at its full size by keys: the store fails half-way, runner and console are killed; then all is counted.

    python -m tests.bench.retention                  10,000 objects
    python -m tests.bench.retention --objects 2000

A console in a pseudo-terminal, a PostgreSQL and a store on loopback of their own. First the store breaks down; then its
link is dead, and the runner and the console are killed with -9; then somebody stops it; then the console alone is
killed, and the runner goes on. What is there afterwards is counted past watchdeck. Ends with 1 when it does not add up.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from services.demo.postgres import Cluster
from tests.bench.account import Account
from tests.bench.playbooks import Missed, Operator
from tests.bench.terminal import Program
from tests.conftest import Database
from tests.proxy import Proxy
from tests.purging import BUCKET, Kept, Store, kept, serving

ENDED = r"^\S (done|partial|unknown|not applied): Run retention.*$"


@dataclass
class Trouble:
    """What happens to the store's clients when they have asked for this many deletions."""

    store: Store
    link: Proxy
    asked: int = 0
    came: threading.Event = field(default_factory=threading.Event)

    def at(self, number: int, what: Callable[[], None] = lambda: None, slow_s: float = 0.0) -> None:
        self.asked, self.came = 0, threading.Event()

        def before(keys: list[str]) -> None:
            self.asked += 1
            time.sleep(slow_s)
            if self.asked == number:
                what()
                self.came.set()

        self.store.before = before

    def wait(self) -> None:
        if not self.came.wait(60):
            raise Missed("the store was never asked so often")


@dataclass
class Console:
    """One start of the program, and how much memory it has ever taken, with its runner."""

    profile: Path
    began: float
    peak_mb: float = 0.0

    def __enter__(self) -> Console:
        argv = [sys.executable, "-m", "tui", "--profile", str(self.profile)]
        self.program = Program(argv, 80, 24)
        self.operator = Operator(self.program, self.began)
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        self.operator.sees(r"Alerts · (now|\d)")  # keys are heard from then on
        return self

    def __exit__(self, *what: object) -> None:
        self._over.set()
        with suppress(ChildProcessError):
            self.program.close()

    def _watch(self) -> None:
        while not self._over.wait(0.3):
            self.peak_mb = max(self.peak_mb, self.program.pss_mb())

    def kill(self) -> None:
        os.kill(self.program.pid, signal.SIGKILL)
        os.waitpid(self.program.pid, 0)

    def confirmed(self, words: str, offered: str) -> None:
        """From the palette to the runner at work, by what the dialog asks for."""
        operator = self.operator
        operator.palette(words, offered)
        asked = time.monotonic()
        operator.sees(r"type the name, ", 60)
        operator.note(f"the preview took {time.monotonic() - asked:.1f} s; {self.program.pss_mb():.0f} MB")
        time.sleep(0.8)  # it hears nothing before it could be read
        operator.press("\t", BUCKET, "\r", "expired", "\r")

    def ended(self) -> str:
        said = self.operator.sees(ENDED, 120)[0].strip()
        self.operator.note(said)
        return said


def broken_store(console: Console, trouble: Trouble) -> None:
    console.operator.palette("retention", "view retention")
    console.operator.sees("Due for deletion")
    trouble.store.failing = 4
    console.confirmed("run retention", "Deletes expired")
    console.operator.note(console.operator.sees(r"[\d,]+ of [\d,]+ objects gone.*$", 60)[0].strip())
    if "partial" not in console.ended():
        raise Missed("a store that breaks down leaves a part")
    trouble.store.failing = None


def dead_link(console: Console, trouble: Trouble, here: Kept) -> None:
    trouble.at(2, trouble.link.blackhole)
    console.confirmed("resume: run", "Resume: Run retention")
    trouble.wait()
    [intent] = here.bench.journal.unsettled()
    os.kill(intent["pid"], signal.SIGKILL)
    console.kill()
    console.operator.note(f"the link is dead; the runner {intent['pid']} and the console {console.program.pid} killed")
    trouble.link.pass_()


def stopped(console: Console, trouble: Trouble) -> None:
    console.operator.note(console.operator.sees(r"^\S .*Run retention.*$", 60)[0].strip())  # settled at its start
    trouble.at(1, slow_s=2.0)
    console.confirmed("resume: run", "Resume: Run retention")
    trouble.wait()
    console.operator.palette("stop the", "Stop the action")
    if "partial" not in console.ended():
        raise Missed("what is stopped leaves a part")


def killed(console: Console, trouble: Trouble, here: Kept) -> None:
    trouble.at(1, slow_s=0.5)
    console.confirmed("resume: run", "Resume: Run retention")
    trouble.wait()
    console.kill()
    console.operator.note("the console is killed, its runner is not")
    deadline = time.monotonic() + 120
    while here.bench.journal.unsettled():
        if time.monotonic() > deadline:
            raise Missed("the runner never ended")
        time.sleep(0.2)


def carried_out(here: Kept, trouble: Trouble, profile: Path) -> float:
    """The most memory that a console and its runner ever took."""
    began, peaks = time.monotonic(), []
    for course in (
        lambda console: (broken_store(console, trouble), dead_link(console, trouble, here)),
        lambda console: (stopped(console, trouble), killed(console, trouble, here)),
        lambda console: (console.operator.palette("retention", "view retention"), console.operator.sees("● done")),
    ):
        with Console(profile, began) as console:
            course(console)
            peaks.append(console.peak_mb)
    return max(peaks)


@contextmanager
def servers(folder: Path, batch: int) -> Iterator[tuple[Kept, Trouble]]:
    """MRE's tables and a bucket, the bucket by way of a link that can die."""
    cluster = Cluster(folder / "postgres")
    cluster.folder.mkdir()
    try:
        cluster.initialise()
        cluster.start()
        with psycopg.connect(cluster.dsn(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE mre")
        database = Database(cluster, "mre")
        for file in ("schema.sql", "retention.sql", "indexes.sql"):
            database.execute((resources.files("services.demo.mre") / file).read_text())
        with serving() as store:
            store.empty()
            link = Proxy(urlsplit(store.url).port or 0)
            straight, store.url = store.url, f"http://127.0.0.1:{link.port}"
            here = kept(store, database, folder, **{"most = 10000": f"most = 10000\nbatch = {batch}"})
            store.url = straight
            yield here, Trouble(store, link)
            link.close()
    finally:
        cluster.stop()


def run(objects: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="watchdeck-bench-"))
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        os.environ[f"XDG_{name}_HOME"] = str(folder / name.lower())
    try:
        with servers(folder, objects // 10) as (here, trouble):
            account = Account.laid_out(here, objects)
            peak = carried_out(here, trouble, folder / "watchdeck.toml")
            print(f"  {peak:.0f} MB at most, console and runner together")
            return account.told()
    except Missed as missed:
        print(f"NOT as it should be: {missed}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=10_000, help="10,000 at most, in tens")
    return run(parser.parse_args().objects)


if __name__ == "__main__":
    sys.exit(main())
