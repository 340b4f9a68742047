"""7 API: traffic, errors and latency by endpoint, their course against the thresholds, and the health endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Container

from services.readings import FlagsValues, HealthValues
from tui.deck import Deck
from tui.levels import limits
from tui.places import flag_named_in
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import endpoints, health
from widgets.figures import count, duration, share
from widgets.pane import Content, Pane
from widgets.plot import Plot
from widgets.table import Table
from widgets.vitals import Vitals

if TYPE_CHECKING:
    from services.profile import Profile, Rule


def counted(deck: Deck) -> str:
    """The source whose page counts the API's requests; "" when there is none."""
    chosen, counting = deck.source("prometheus"), _counting(deck.profile)
    return chosen if chosen in counting else next(iter(counting), "")


def _counting(profile: Profile) -> list[str]:
    return [name for name, source in profile.of_kind("prometheus").items() if source.http]


class Counted(Slot):
    """Made of the source that counts requests, which need not be the first of its kind."""

    def concerns(self, profile: Profile) -> bool:
        return bool(_counting(profile))

    def vitals(self, deck: Deck) -> Vitals:
        source = counted(deck)
        if not source:
            return Vitals("not configured", reason="no prometheus source of this profile has an [http] table")
        found = Vitals.of(deck.snapshot.get(source), deck.mono)
        return found.frozen() if deck.frozen else found


def requests(deck: Deck) -> Table | None:
    found = deck.endpoints.get(counted(deck))
    return endpoints.endpoints(found) if found else None


def _percent(value: float) -> str:
    return share(value)[0]


def _ends_badly(rule: Rule) -> bool:
    return rule.kind == "ratio" and any(value.startswith(("5", "~5")) for value in rule.bad.match.values())


def _p95(rule: Rule) -> bool:
    return rule.kind == "quantile" and rule.q == 0.95


def course(name: str, told: Callable[[float], str], judges: Callable[[Rule], bool]) -> Callable[[Deck], Content]:
    """One figure of all requests together, against time."""

    def plot(deck: Deck) -> Content:
        source = counted(deck)
        series = deck.history.series(source, f"requests.{name}")
        return Plot(series, series[-1][0] if series else 0.0, "", limits(deck, source, judges, told), told)

    return plot


class Api(ViewScreen):
    view, named = "api", "API"
    hints = (("open", "its answer"), ("sort", "sort"), ("runbook", "runbook"), ("act.all", "actions"))
    DEFAULT_CSS = """
    Api #plots { height: 11; layout: grid; grid-size: 3; grid-gutter: 0 1; display: none; }
    Api.-tall #plots { display: block; }
    Api #checks { height: 6; }
    Api #answer { height: 5; }
    Api.-tall #checks { height: 7; }
    Api.-low #requests { display: none; }
    Api.-low #checks { height: 1fr; }
    Api.-lacks-requests #plots { display: none; }
    Api.-lacks-requests #checks { height: 1fr; }
    """

    def make(self) -> Iterator[Slot]:
        self.requests = table("Requests by endpoint", "requests")
        yield Counted(self.requests, "", requests)
        yield Counted(Pane("P95 of all requests"), "", course("p95_s", duration, _p95))
        yield Counted(Pane("5xx of all requests"), "", course("share_5xx", _percent, _ends_badly))
        yield Counted(Pane("Requests per second"), "", course("per_second", count, lambda rule: False))
        self.checks = table("Health endpoints", "checks")
        yield Slot(self.checks, "http", lambda deck: deck.made("http", HealthValues, lambda v: health.checks(v)))
        self.detail = Pane("Last answer", id="answer", classes="second")
        yield Slot(self.detail, "http", self._answer)

    def body(self) -> ComposeResult:
        panes = [slot.pane for slot in self.slots]
        yield panes[0]
        with Container(id="plots"):
            yield from panes[1:4]
        yield from panes[4:]

    def _answer(self, deck: Deck) -> Content | None:
        values = deck.values("http", HealthValues)
        row = self.checks.selected
        return health.detail(row.data, values.base_url, self._flag(deck)) if values and row else None

    def _flag(self, deck: Deck) -> str:
        row = self.checks.selected
        flags = deck.values("flags", FlagsValues)
        return "" if row is None or row.data.ok else flag_named_in(row.data.body, flags)

    def selection(self) -> Selection:
        flag = self._flag(self.console.deck)
        return Selection("flags", flag=flag) if flag else Selection()

    def on_table_pane_moved(self) -> None:
        self.show(self.console.deck)
