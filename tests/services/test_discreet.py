"""What a source says beside its values, as support reads it and as a page of metrics shows it: no words of others."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.alerts import Alert, Alerts
from services.clock import SystemClock
from services.errors import SourceError
from services.fetch import Fetch, Fetched
from services.profile import Profile
from services.readings import (
    Fault,
    HealthCheck,
    HealthValues,
    NamedFigure,
    NamedValues,
    Reading,
    ReaperRun,
    ReaperValues,
    Snapshot,
    Unknown,
    Values,
)
from services.relay.metrics import Standing
from services.relay.relayed import via
from services.sources.discreet import Discreet, Withheld
from tests.restricted import CANARY
from tests.tui.deck import profile

REFUSED = Fault("error", f"http://api: answered 500: {CANARY}", "see the service's own log")
HEALTH = HealthValues("http://api", (HealthCheck("/", False, 500, 0.1, body=CANARY, fault=REFUSED),))
ODD = NamedValues("q", (NamedFigure("n", Unknown("failed", f"n is no number: {CANARY}")),), said=CANARY)
REAPER = ReaperValues((ReaperRun("stale-locks", 1.0, 2.0, 0, CANARY, "reaper"),))
LOGINS = NamedValues("q", (NamedFigure("refused", 12, "count", (("who", f"account {CANARY}"),)),))


@dataclass
class Says:
    """A source that brings this, or fails with it."""

    told: Values | Exception
    name: str = "api"
    interval_s: float = 5.0
    timeout_s: float = 3.0

    async def fetch(self) -> Values:
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    async def close(self) -> None:
        return None


async def fetched(told: Values | Exception) -> Fetched:
    return await Fetch(Discreet(Says(told)), SystemClock()).once()


@pytest.mark.parametrize(
    "told",
    [HEALTH, ODD, REAPER, SourceError("protocol", f"no JSON: {CANARY}"), ValueError(CANARY), TimeoutError(CANARY)],
    ids=lambda told: type(told).__name__,
)
async def test_what_quotes_an_answer_is_withheld(told: Values | Exception) -> None:
    found = await fetched(told)
    assert CANARY not in repr(found) and "restricted" in repr(found)


async def test_what_is_late_is_late_for_support_too() -> None:
    found = await fetched(TimeoutError())
    assert found.fault and found.fault.kind == "timeout"


async def test_what_is_told_in_our_own_words_stays() -> None:
    found = await fetched(SourceError("unreachable", "http://api: connection refused", "start the service"))
    assert found.fault == Fault("unreachable", "http://api: connection refused", "start the service")


def page(of: Profile, *readings: Reading, alerts: tuple[Alert, ...] = ()) -> str:
    snapshot = Snapshot()
    for reading in readings:
        snapshot = snapshot.with_reading(reading)
    registry = CollectorRegistry()
    registry.register(Standing(of, lambda: (snapshot, Alerts({alert.key: alert for alert in alerts}))))
    return generate_latest(registry).decode()


def reading(source: str, values: Values | None, fault: Fault | None = None) -> Reading:
    return Reading(source, 1000.0, 100.0, 0.1, 5.0, values, fault)


def test_a_page_of_metrics_shows_what_support_sees_whoever_collects() -> None:
    """Nobody is asked who they are there."""
    who = {name: (("who", f"{name} {CANARY}"),) for name in ("account", "address")}
    alerts = [
        Alert("logins", "Refused logins", "firing", 12, "> 10", 9.0, source="logins", labels=labels, level=level)
        for labels, level in ((who["account"], "warn"), (who["address"], "page"))
    ]
    found = page(
        profile(),
        reading("api", HEALTH),
        reading("reaper", REAPER),
        reading("logins", LOGINS),
        reading("jobs", None, REFUSED),
        alerts=(*alerts, Alert("r", "Rule", "firing", 0.5, "> 0.1", 9.0, source="api", level="page")),
    )
    assert CANARY not in found
    told = [line for line in found.splitlines() if 'source="logins"' in line]
    assert [line for line in told if line.startswith("watchdeck_alert{") and 'level="page"' in line]
    assert not [line for line in told if line.startswith("watchdeck_alert_value{") or 'path="figures' in line]
    assert [line for line in found.splitlines() if line.startswith("watchdeck_alert_value{") and 'rule="r"' in line]


def test_a_profile_that_restricts_nothing_relays_everything() -> None:
    free = profile()
    open_ = free.model_copy(update={"restricted": type(free.restricted)()})
    assert f"account {CANARY}" in page(open_, reading("logins", LOGINS))


def test_a_console_on_a_prometheus_is_supports_too() -> None:
    sources = via("http://127.0.0.1:9", profile("support"), SystemClock()).sources
    assert isinstance(sources["logins"], Withheld) and isinstance(sources["api"], Discreet)
    assert not isinstance(via("http://127.0.0.1:9", profile(), SystemClock()).sources["api"], Discreet)
