"""A console that reads through a Prometheus: where it reads, how old that is, and what it leaves to others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from services.errors import ConfigError
from tui.deck import Deck
from tui.selection import Selection
from widgets.figures import duration
from widgets.vitals import Vitals

if TYPE_CHECKING:
    from services.actions.plan import Outcome, Way
    from services.profile import Role
    from tui.app import Watchdeck


def place(url: str) -> str:
    """The address as it is shown, without a password. ConfigError when nothing could be asked there."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"--via {url!r} is no address", "a Prometheus has one like http://prometheus:9090")
    return parts.netloc.rpartition("@")[2]


def old(deck: Deck) -> str:
    """How old the newest of all readings is, when none of them is as new as it should be; "" else."""
    states = [state for name in deck.profile.sources if (state := deck.snapshot.get(name))]
    if not any(state.good for state in states) or any(state.status(deck.mono) == "fresh" for state in states):
        return ""
    newest = min(age for state in states if (age := state.age_s(deck.mono)) is not None)
    return duration(float(int(newest)))


def unread(via: str) -> Vitals:
    """Of a pane whose rows are in a database that this console has nothing to do with."""
    return Vitals(
        "still",
        reason=f"The rows of jobs stay in their database: {via} has figures only. "
        "A console without --via shows them, where the database is reached.",
        note="not relayed",
    )


class NoRemedies:
    """In the place of Remedies: what would be changed cannot be looked up first."""

    stoppable = False
    role: Role = "viewer"
    actor = ""

    def __init__(self, app: Watchdeck) -> None:
        self._app = app

    def key(self, key: str, selection: Selection) -> None:
        self._say()

    def menu(self) -> None:
        self._say()

    def leave(self) -> bool:
        return False

    def start(
        self,
        action_id: str,
        selection: Selection,
        way: Way,
        given: Mapping[str, str] = MappingProxyType({}),
        then: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._say()

    def stop(self) -> None:
        """There is nothing under way."""

    def settle(self) -> None:
        """What earlier consoles left is settled by one that reaches the system."""

    def _say(self) -> None:
        via = self._app.options.via
        self._app.say(f"this console only reads, through {via}: actions start in one without --via", "warn")
