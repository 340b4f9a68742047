"""What the console costs, seen from its terminal: start, CPU, memory, bytes per second, key to paint.

    python -m tests.bench.console                        against a demo of its own
    python -m tests.bench.console --runs 5 --seconds 60  longer, steadier
    python -m tests.bench.console --peer "pg_activity --no-db-size ..." --peer-ready "PostgreSQL"

Prints a table and one JSON line. Times on a shared machine wander: quote the ratio of two programs in one run.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.terminal import Program

# key, and a pane that only its view has: with that on the screen the key counts as answered
KEYS = ((b"2", "Job types"), (b"4", "Stale locks and stuck jobs"), (b"1", "Queue ·"))

SETTLE_S = 10.0  # what start-up leaves for later (a last collection, the plots) is over by then


def quantile(values: list[float], share: float) -> float:
    """Nearest rank; nan for nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def measure(
    argv: list[str], ready: str, seconds: float, keys: int, console: bool, env: dict[str, str]
) -> dict[str, float]:
    """One run of one program: starts it, lets it settle, watches it for `seconds`, then presses `keys` keys."""
    program = Program(argv, env=env)
    try:
        figures: dict[str, float] = {}
        painted = program.until(lambda text: bool(text.strip()), 20)
        live = program.until(lambda text: re.search(ready, text) is not None, 20)
        if painted is None or live is None:
            raise SystemExit(f"{shlex.join(argv)}: never showed {ready!r}; the screen was:\n{program.text()}")
        figures["first_paint_s"] = painted - program.started
        figures["live_data_s"] = live - program.started
        time.sleep(SETTLE_S)
        cpu, begin, seen = program.cpu_s(), time.monotonic(), len(program.chunks)
        time.sleep(seconds)
        took = time.monotonic() - begin
        figures["cpu_percent"] = 100 * (program.cpu_s() - cpu) / took
        figures["bytes_per_s"] = sum(len(data) for _, data in program.chunks[seen:]) / took
        figures["pss_mb"] = program.pss_mb()
        if console:
            figures |= press(program, keys)
        return figures
    finally:
        program.close()


def press(program: Program, keys: int) -> dict[str, float]:
    """Key to paint: from writing the key to the arrival of the chunk that shows its effect."""
    program.text()
    answered: list[float] = []
    missed = 0
    # whole cycles only: a key for the view that is shown already would change nothing, and wait for the next tick
    for at in range(keys - keys % len(KEYS)):
        key, shows = KEYS[at % len(KEYS)]
        sent = time.monotonic()
        program.send(key)
        arrived = program.until(lambda text, shown=shows: shown in text, 2)
        if arrived is None:
            missed += 1
        else:
            answered.append(1000 * (arrived - sent))
        time.sleep(0.05 + 0.013 * (at % 7))  # spread over the polling cycle
    return {
        "key_p50_ms": quantile(answered, 0.5),
        "key_p95_ms": quantile(answered, 0.95),
        "key_p99_ms": quantile(answered, 0.99),
        "key_max_ms": max(answered, default=float("nan")),
        "key_missed": float(missed),
    }


@contextmanager
def demo(jobs: int) -> Iterator[dict[str, str]]:
    """A demo stack of our own; its addresses."""
    argv = [sys.executable, "-m", "tui", "demo", "--headless", "--jobs", str(jobs)]
    stack = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        assert stack.stdout is not None
        line = stack.stdout.readline()
        if not line:
            raise SystemExit("the demo did not start; run `watchdeck demo --headless` to see why")
        yield json.loads(line)
    finally:
        stack.terminate()
        stack.wait(30)


def table(rows: dict[str, dict[str, float]]) -> str:
    names = list(dict.fromkeys(figure for figures in rows.values() for figure in figures))
    width = max(len(name) for name in names)
    head = " " * width + "".join(f"  {label:>16}" for label in rows)
    lines = [head]
    for name in names:
        cells = "".join(f"  {figures[name]:>16.2f}" if name in figures else f"  {'-':>16}" for figures in rows.values())
        lines.append(f"{name:<{width}}{cells}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", help="a profile to watch instead of a demo of our own")
    parser.add_argument("--jobs", type=int, default=0, help="history of the demo (default 0)")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20, help="length of the steady window")
    parser.add_argument("--keys", type=int, default=100)
    parser.add_argument("--ready", default="parse_raw", help="what the Overview shows once data is live")
    parser.add_argument("--peer", help="another program, run in turn; {dsn} is the demo's connection string")
    parser.add_argument("--peer-ready", default=r"\S")
    options = parser.parse_args()
    if options.profile:
        results = compare(options, options.profile, "")
    else:
        with demo(options.jobs) as stack:
            time.sleep(5)  # let the workload settle
            results = compare(options, stack["profile"], stack["dsn"])
    print(table(results))
    print(json.dumps(results))


def compare(options: argparse.Namespace, profile: str, dsn: str) -> dict[str, dict[str, float]]:
    """Medians over the runs; the two programs take turns, so that a drift of the machine hits both."""
    ours, theirs = [], []
    for _ in range(options.runs):
        argv = [sys.executable, "-m", "tui", "--profile", profile]
        ours.append(measure(argv, options.ready, options.seconds, options.keys, True, {}))
        if options.peer:
            peer = shlex.split(options.peer.replace("{dsn}", shlex.quote(dsn)))
            theirs.append(measure(peer, options.peer_ready, options.seconds, 0, False, {}))

    def median(runs: list[dict[str, float]]) -> dict[str, float]:
        return {name: statistics.median(run[name] for run in runs) for name in runs[0]}

    results = {"watchdeck": median(ours)}
    if theirs:
        results["peer"] = median(theirs)
        results["ratio"] = {
            n: v / results["peer"][n] for n, v in results["watchdeck"].items() if results["peer"].get(n)
        }
    return results


if __name__ == "__main__":
    main()
