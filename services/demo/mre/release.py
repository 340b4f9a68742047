"""What is released in the demo: which version each component is pinned to, and who sees that it runs.

The pins stand in a table, as a deployment controller would keep them: whoever changes one has the processes replaced.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.demo.link import Link
from services.demo.mre.pipeline import PARSER

GOOD, BAD = "2.14.0", "2.15.0"
BAD_PARSER_PIN = "4.2.1"
PROGRAM = "mre-release"

_BACK = """
UPDATE release_pins SET version = previous, previous = version, pinned_at = now()
 WHERE component = %(component)s RETURNING version
"""
_FORWARD = """
UPDATE release_pins SET previous = version, version = %(version)s, pinned_at = now()
 WHERE component = %(component)s AND version <> %(version)s
"""
_LEFT = """
SELECT 1 FROM release_pins WHERE version IN (%(bad)s, %(parser)s)
 UNION ALL SELECT 1 FROM workers WHERE release = %(bad)s AND heartbeat_at > now() - interval '5 seconds'
"""


def pins(link: Link) -> dict[str, str]:
    """Component -> the version that it should be."""
    return {row["component"]: row["version"] for row in link.rows("SELECT component, version FROM release_pins")}


def back(link: Link, component: str) -> str:
    """To the version before; which one that is, "" where there is no such component."""
    rows = link.rows(_BACK, component=component)
    return str(rows[0]["version"]) if rows else ""


def put_bad(link: Link) -> None:
    """A release whose API fails and whose lap detection finds no laps goes out everywhere."""
    for component, version in (("web", BAD), ("workers", BAD), ("parsers", BAD_PARSER_PIN)):
        link.rows(_FORWARD, component=component, version=version)


def put_good(link: Link) -> None:
    for component, version in (("web", GOOD), ("workers", GOOD), ("parsers", PARSER)):
        link.rows(_FORWARD, component=component, version=version)


def is_gone(link: Link) -> bool:
    """No pin is the bad release's any more, and no worker either."""
    return not link.rows(_LEFT, bad=BAD, parser=BAD_PARSER_PIN)


@dataclass
class Controller:
    """Replaces the processes of a component when its pin is no longer what they are."""

    link: Link
    replace: dict[str, Callable[[str], None]]  # component -> puts that version in place
    running: dict[str, str]

    def turn(self) -> None:
        wanted = pins(self.link)
        for component, replace in self.replace.items():
            version = wanted.get(component, "")
            if version and version != self.running[component]:
                replace(version)
                self.running[component] = version


def program(dsn: str) -> str:
    """The text of the program that the operators of this system have for it: `mre-release back COMPONENT`."""
    root = str(Path(__file__).parents[3])
    return f"""#!{sys.executable}
import sys
sys.path.insert(0, {root!r})
from services.demo.mre.release import main
main({dsn!r}, sys.argv[1:])
"""


def main(dsn: str, argv: list[str]) -> None:
    if len(argv) != 2 or argv[0] != "back":
        sys.exit(f"usage: {PROGRAM} back COMPONENT")
    version = back(Link(dsn, PROGRAM), argv[1])
    if not version:
        sys.exit(f"{PROGRAM}: there is no component {argv[1]}")
    print(f"{argv[1]} goes back to {version}")
