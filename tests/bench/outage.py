"""Everything down at once: keys must still be answered, panes must say so, and all must be fresh soon after.

    python -m tests.bench.outage

PostgreSQL refuses, the object storage swallows every byte and the API hangs, behind faulty links to a demo of our own.
Prints a table and one JSON line.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

from tests.bench.console import SETTLE_S, demo, press
from tests.bench.terminal import Program
from tests.proxy import Proxy

TROUBLE = re.compile(r"· (stale|failed|loading)\b")  # as a pane's header has it; tiles say "failed 3 %" too


def behind(profile: Path, folder: Path) -> tuple[Path, dict[str, Proxy]]:
    """The demo's profile with each address led through a link that can be made bad."""
    text = profile.read_text()
    ports = {
        "postgres": int(re.search(r"port=(\d+)", text)[1]),  # type: ignore[index]
        "api": int(re.search(r'url = "http://127\.0\.0\.1:(\d+)', text)[1]),  # type: ignore[index]
        "storage": int(re.search(r'endpoint = "http://127\.0\.0\.1:(\d+)', text)[1]),  # type: ignore[index]
    }
    links = {name: Proxy(port) for name, port in ports.items()}
    for name, port in ports.items():
        text = re.sub(rf"\b{port}\b", str(links[name].port), text)
    copy = folder / "behind.toml"
    copy.write_text(text)
    copy.chmod(0o600)
    return copy, links


def watch(program: Program, links: dict[str, Proxy], seconds: float, keys: int) -> dict[str, float]:
    """Takes everything down for `seconds`, presses keys meanwhile, brings it back and waits until nothing is stale."""
    if program.until(lambda text: "parse_raw" in text and not TROUBLE.search(text), 30) is None:
        raise SystemExit(f"the console never became fresh:\n{program.text()}")
    time.sleep(SETTLE_S)
    links["postgres"].refuse()
    links["storage"].blackhole()
    links["api"].blackhole()
    down = time.monotonic()
    said = program.until(lambda text: TROUBLE.search(text) is not None, 30)
    figures = {"stale_said_after_s": (said or float("nan")) - down}
    while time.monotonic() - down < seconds:
        # of all rounds the worst
        figures |= {name: max(value, figures.get(name, 0.0)) for name, value in press(program, keys).items()}
    figures["panes_in_trouble"] = len(TROUBLE.findall(program.text()))
    print(program.text(), file=sys.stderr)
    for link in links.values():
        link.pass_()
    back = time.monotonic()
    fresh = program.until(lambda text: not TROUBLE.search(text), 60)
    figures["fresh_after_s"] = (fresh or float("nan")) - back
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long everything stays down")
    parser.add_argument("--keys", type=int, default=100)
    options = parser.parse_args()
    with demo(0) as stack:
        profile, links = behind(Path(stack["profile"]), Path(stack["profile"]).parent)
        program = Program([sys.executable, "-m", "tui", "--profile", str(profile)])
        try:
            figures = watch(program, links, options.seconds, options.keys)
        finally:
            program.close()
            for link in links.values():
                link.close()
    for name, value in figures.items():
        print(f"{name:<22}{value:>10.2f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
