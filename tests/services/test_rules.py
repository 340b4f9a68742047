"""The threshold rule: what each reading does to each state, with time that was seen and time that was not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from services.profile import S3Source
from services.profile.rules import ThresholdRule
from services.readings import (
    NOT_RECORDED,
    AtLeast,
    Estimate,
    Fault,
    Figure,
    HealthCheck,
    HealthValues,
    Reading,
    Snapshot,
    StorageValues,
    Values,
)
from services.rules import Alert, Alerts, judge
from services.rules.past import Past

INTERVAL = 2.0
WALL = 1_700_000_000.0


def _rule(**changes: object) -> ThresholdRule:
    data: dict[str, object] = {
        "title": "Slow storage",
        "source": "s",
        "figure": "canary_read_s",
        "value": 0.5,
        "severity": "SEV3",
    }
    return ThresholdRule.model_validate(
        data | {"for": "10s", "runbook": "mre#storage", "remedy": "pause"} | changes, strict=False
    )


def _storage(read: Figure, objects: Figure = 100) -> StorageValues:
    return StorageValues("e", "b", True, read, 0.1, "", NOT_RECORDED, objects, 1, 1.0, "", 0.0, 0.0)


@dataclass
class Watch:
    """A source that is polled, and the alert after every poll."""

    rule: ThresholdRule = field(default_factory=_rule)
    snapshot: Snapshot = field(default_factory=lambda: Snapshot.awaiting({"s": INTERVAL}))
    alerts: Alerts = field(default_factory=Alerts)
    now: float = 100.0

    def __post_init__(self) -> None:
        self.past = Past({"r": self.rule}, self.snapshot)

    def judged(self) -> Alert:
        self.past.at(self.now, WALL + self.now)
        self.alerts = judge({"r": self.rule}, {}, self.past, self.alerts)
        alert = self.alerts.get("r")
        assert alert is not None
        return alert

    def poll(self, values: Values | None, after: float = INTERVAL) -> Alert:
        self.now += after
        fault = None if values else Fault("unreachable", "connection refused")
        reading = Reading("s", WALL + self.now, self.now, 0.1, INTERVAL, values, fault)
        self.past.take(reading)
        return self.judged()

    def read(self, *figures: Figure) -> list[str]:
        return [self.poll(_storage(figure)).state for figure in figures]

    def wait(self, seconds: float) -> Alert:
        self.now += seconds
        return self.judged()


SLOW, QUICK = 0.9, 0.1


def test_it_fires_after_the_condition_was_seen_to_hold_for_long_enough() -> None:
    watch = Watch()
    assert watch.read(QUICK) == ["ok"]
    assert watch.read(SLOW, SLOW, SLOW, SLOW, SLOW) == ["pending"] * 5  # 8 s seen
    began = watch.now
    assert watch.read(SLOW, SLOW) == ["firing", "firing"]
    alert = watch.judged()
    assert (alert.value, alert.threshold, alert.since) == (SLOW, "> 500 ms for 10 s", WALL + began + INTERVAL)
    assert (alert.severity, alert.runbook, alert.remedy, alert.confirmed) == ("SEV3", "mre#storage", "pause", True)


def test_one_good_reading_starts_the_wait_again() -> None:
    watch = Watch()
    watch.read(SLOW, SLOW, SLOW, SLOW, SLOW)
    assert watch.read(QUICK, SLOW, SLOW, SLOW, SLOW, SLOW, SLOW) == ["ok"] + ["pending"] * 5 + ["firing"]
    assert watch.read(QUICK) == ["ok"]


def test_without_a_wait_one_reading_fires() -> None:
    assert Watch(_rule(**{"for": "0s"})).read(SLOW, QUICK) == ["firing", "ok"]


def test_before_the_first_reading_nothing_is_known() -> None:
    alert = Watch().judged()
    assert (alert.state, alert.reason) == ("unknown", "s: no data yet")
    watch = Watch(snapshot=Snapshot())
    assert watch.judged().reason == "source s is not being polled"


def test_a_source_that_failed_from_the_start_says_why() -> None:
    assert Watch().poll(None).reason == "s: connection refused"


def test_a_failed_poll_is_never_ok() -> None:
    watch = Watch()
    watch.read(QUICK)
    alert = watch.poll(None)
    assert (alert.state, alert.confirmed) == ("unknown", False)
    assert alert.reason == "s is stale: connection refused"


def test_a_failure_freezes_the_timer_and_its_time_is_not_counted() -> None:
    watch = Watch()
    watch.read(SLOW, SLOW, SLOW)  # 4 s seen
    assert [watch.poll(None).state for _ in range(30)] == ["unknown"] * 30
    assert watch.read(SLOW, SLOW, SLOW) == ["pending"] * 3  # 8 s seen: the minute between was not
    assert watch.read(SLOW) == ["firing"]


def test_silence_is_noticed_by_the_clock_alone() -> None:
    watch = Watch()
    watch.read(QUICK)
    assert watch.wait(3.0).state == "ok"
    alert = watch.wait(60.0)
    assert (alert.state, alert.reason) == ("unknown", "s is stale: no answer for twice its interval")


def test_missed_polls_do_not_count() -> None:
    watch = Watch()
    watch.read(SLOW)
    assert watch.poll(_storage(SLOW), after=60.0).state == "pending"


def test_what_was_firing_stays_firing_but_unconfirmed() -> None:
    watch = Watch(_rule(**{"for": "0s"}))
    watch.read(SLOW)
    since = watch.judged().since
    lost = watch.poll(None)
    assert (lost.state, lost.confirmed, lost.value, lost.since) == ("firing", False, SLOW, since)
    assert lost.reason == "unconfirmed: s is stale: connection refused"
    again = watch.poll(_storage(SLOW))
    assert (again.state, again.confirmed, again.reason, again.since) == ("firing", True, "", since)
    watch.poll(None)
    assert watch.read(QUICK) == ["ok"]


def test_looking_twice_at_one_reading_changes_nothing() -> None:
    watch = Watch()
    watch.read(SLOW)
    once = watch.judged()
    for _ in range(100):
        assert watch.wait(0.02) == once


@pytest.mark.parametrize(
    ("figure", "op", "state"),
    [
        (0.5, ">", "ok"),
        (0.5, ">=", "firing"),
        (0.5, "<", "ok"),
        (0.5, "<=", "firing"),
        (0.4, "<", "firing"),
        (Estimate(0.9), ">", "firing"),
        (AtLeast(1), ">", "firing"),
        (AtLeast(0), ">", "unknown"),  # at least none may be any number
        (AtLeast(1), "<", "ok"),
        (AtLeast(0), "<", "unknown"),
        (NOT_RECORDED, ">", "unknown"),
        (NOT_RECORDED, "<", "unknown"),
    ],
)
def test_each_comparison_with_each_kind_of_figure(figure: Figure, op: str, state: str) -> None:
    watch = Watch(_rule(op=op, **{"for": "0s"}))
    alert = watch.poll(_storage(figure))
    assert alert.state == state
    assert (alert.reason == "") == (state != "unknown")


@pytest.mark.parametrize(
    ("events", "state", "reason"),
    [
        (100, "firing", ""),
        (50, "firing", ""),
        (49, "unknown", "only 49 of 50 events needed"),
        (0, "unknown", "only 0 of 50 events needed"),
        (AtLeast(50), "firing", ""),
        (NOT_RECORDED, "unknown", f"objects: {NOT_RECORDED}"),
    ],
)
def test_too_few_events_say_nothing(events: Figure, state: str, reason: str) -> None:
    watch = Watch(_rule(events="objects", min_events=50, **{"for": "0s"}))
    alert = watch.poll(_storage(SLOW, events))
    assert (alert.state, alert.reason) == (state, reason)


def test_a_property_of_the_values_is_a_figure_too() -> None:
    watch = Watch(_rule(figure="failing", value=0, **{"for": "0s"}))
    check = HealthCheck("/api/health", False, 500, 0.1)
    assert watch.poll(HealthValues("http://x", (check,))).state == "firing"


def test_the_worst_alerts_come_first_and_of_equals_the_oldest() -> None:
    watch = Watch()
    rules = {name: _rule(severity=severity, **{"for": "0s"}) for name, severity in (("a", "SEV3"), ("b", "SEV1"))}
    watch.poll(_storage(SLOW))
    alerts = judge(rules, {}, watch.past, Alerts())
    watch.past.at(watch.now + 1, WALL + watch.now + 1)
    later = judge(rules | {"c": rules["b"]}, {}, watch.past, alerts)
    assert [alert.rule for alert in later.firing] == ["b", "c", "a"]


def test_a_source_that_fails_twice_raises_one_alert_of_its_own_until_it_answers() -> None:
    source = S3Source(kind="s3", bucket="b", title="Storage", severity="SEV2", runbook="mre#storage")
    watch = Watch()
    alerts = Alerts()

    def silent() -> Alert | None:
        nonlocal alerts
        alerts = judge({}, {"s": source}, watch.past, alerts)
        return alerts.get("silent-s")

    watch.poll(_storage(0.1))
    assert silent() is None
    watch.poll(None)
    first = silent()
    assert first is not None and first.state == "pending"
    watch.poll(None)
    second = silent()
    assert second is not None
    assert (second.state, second.severity, second.runbook) == ("firing", "SEV2", "mre#storage")
    assert second.title == "Storage does not answer" and "connection refused" in second.reason
    watch.poll(None)
    third = silent()
    assert third is not None and third.since == second.since, "the alert keeps its beginning"
    watch.poll(_storage(0.1))
    assert silent() is None
