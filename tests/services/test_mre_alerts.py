"""Every alert of MRE's runbook, from the shipped profile itself: from ok to firing to resolved; some on the demo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import groupby

import pytest
from click.testing import CliRunner

from services.clock import SystemClock
from services.demo import control
from services.demo.measured import Measured
from services.lint import check
from services.metrics.keep import Keep
from services.metrics.page import Reader
from services.metrics.wanted import wanted
from services.profile import Profile, find, load
from services.profile.rules import BaselineRule
from services.readings import Dated, HealthCheck, MetricsValues, NamedFigure, NamedValues, Reading, UsableTime, Values
from services.rules.past import Span
from services.rules.rates import path
from services.rules.usual import HOUR_S, KEPT_S
from services.runbook import load as runbook
from services.sources import build
from services.watching.watch import Watch
from tests import samples, samples_database, samples_reach
from tests.demo import Demo
from tests.watching import Hand
from tui.__main__ import root
from tui.keys import VIEWS
from tui.screens import SCREENS

STEP = 30.0  # seconds between two readings
MOST = 150  # readings until something has to have happened
ASKED = {  # by the runbook
    *("api-5xx-ratio", "api-read-p95", "auth-failure-spike"),
    *("queue-growth", "time-to-usable-p95", "job-failure-rate", "stale-locks"),
    *("db-pool-saturation", "db-slow-queries", "db-disk", "storage-write-errors", "storage-read-p95"),
    *("repeated-login-failures", "signed-url-volume", "elevation-outside-hours"),
    *("reaper-overdue", "backup-overdue"),
}
OPEN = ASKED - {"stale-locks"}  # of which the runbook leaves something to be chosen
READS = ("/api/sessions", "/api/runs/:id/progress", "/api/datasets/:id/url")


def shipped() -> Profile:
    place = find("mre")
    assert place
    return load(place)


MRE = shipped()

# ---- what each source says while all is well, and in the trouble that an alert is about -----------------------------


@dataclass
class Api:
    """The demo's own API counts, and its page is read as the source reads it. Thirty seconds a page."""

    fails: float = 0.0  # in the trouble: the share of requests that end in 502,
    takes: float = 0.02  # how long links to datasets take,
    refused: int = 0  # and how many logins are refused,
    links: int = 0  # and how many links are issued, beside the usual
    measured: Measured = field(default_factory=Measured)
    reader: Reader = field(default_factory=lambda: Reader(Keep(wanted(MRE, "api-metrics"))))

    def __call__(self, trouble: bool) -> Values:
        for number in range(90):
            route = READS[number % 3]
            failed = trouble and number < 90 * self.fails
            slow = trouble and route == READS[2]
            self.measured.request("GET", route, 502 if failed else 200, self.takes if slow else 0.02)
            self.measured.request("GET", "/api/ready", 503 if trouble else 200, 0.1)  # which the console asks for
        for number in range(30 + trouble * self.refused):
            self.measured.login(succeeded=number >= trouble * self.refused)
        self.measured.links += 30 + trouble * self.links
        page = self.reader.read(self.measured.text().encode(), False)
        return MetricsValues("http://api/metrics", tuple(page.samples), page.families, page.started_at, page.series, 1)


class Backlog:
    """Jobs wait, more of them with every reading; then fewer."""

    waiting = 40

    def __call__(self, trouble: bool) -> Values:
        self.waiting = self.waiting + 3 if trouble else max(40, self.waiting - 20)
        fuse = samples.job_type("fuse", waiting=self.waiting)
        return replace(samples.queue_healthy(), types=(samples.job_type("parse_raw"), fuse))


def either(good: Values, bad: Values) -> Callable[[bool], Values]:
    return lambda trouble: bad if trouble else good


def queue(**bad: object) -> Callable[[bool], Values]:
    return either(samples.queue_healthy(), replace(samples.queue_healthy(), **bad))  # type: ignore[arg-type]


def storage(**bad: object) -> Callable[[bool], Values]:
    return either(samples.storage_healthy(), replace(samples.storage_healthy(), **bad))  # type: ignore[arg-type]


def asked(name: str, good: float, bad: float, labels: tuple[tuple[str, str], ...] = ()) -> Callable[[bool], Values]:
    """What a query of the profile brings."""
    return either(*(NamedValues("a query", (NamedFigure(name, value, labels=labels),)) for value in (good, bad)))


def dumps(**bad: object) -> Callable[[bool], Values]:
    bucket = samples_reach.bucket_healthy()
    good = replace(bucket.arrivals[0], name="dumps")
    return either(replace(bucket, arrivals=(good,)), replace(bucket, arrivals=(replace(good, **bad),)))  # type: ignore[arg-type]


def unencrypted() -> Callable[[bool], Values]:
    bucket = samples_reach.bucket_healthy()
    plain = tuple(replace(each, state="off") if each.name == "encryption" else each for each in bucket.settings)
    return either(bucket, replace(bucket, settings=plain))


def usable(p95_s: float) -> Values:
    return replace(samples.runs_healthy(), usable=(UsableTime("S", 200, 9.0, p95_s), UsableTime("L", 20, 80.0, 200.0)))


def slow(per_minute: float) -> Values:
    return replace(samples_database.statements(), slow_per_minute=per_minute)


def health(ok: bool) -> Values:
    return replace(samples.health_healthy(), checks=(HealthCheck("/api/health", ok, 200 if ok else 500, 0.1),))


DAYS_AGO = 3 * 86_400.0
TROUBLES: dict[str, Callable[[], Callable[[bool], Values]]] = {
    "service-down": lambda: either(health(ok=True), health(ok=False)),
    "api-5xx-ratio": lambda: Api(fails=0.05),
    "api-read-p95": lambda: Api(takes=0.9),
    "auth-failure-spike": lambda: Api(refused=30),
    "queue-growth": Backlog,
    "time-to-usable-p95": lambda: either(usable(12.0), usable(75.0)),
    "job-failure-rate": lambda: queue(total=samples.job_type("all", failure_rate=0.07)),
    "stale-locks": lambda: queue(stale_count=24),
    "db-pool-saturation": lambda: either(samples_database.postgres(), samples_database.postgres(used=90)),
    "db-slow-queries": lambda: either(slow(0.5), slow(40.0)),
    "db-disk": lambda: either(samples_database.tables(), replace(samples_database.tables(), used_share=0.83)),
    "storage-write-errors": lambda: storage(recent_write_errors=0.05),
    "storage-read-p95": lambda: storage(read_p95_s=0.8),
    "repeated-login-failures": lambda: asked("refused", 3, 31, (("who", "address 203.0.113.7"),)),
    "signed-url-volume": lambda: Api(links=200),
    "elevation-outside-hours": lambda: asked("odd", 0, 1),
    "reaper-overdue": lambda: asked("completed_at", Hand().wall() - 3_600, Hand().wall() - DAYS_AGO),
    "deletion-overdue": lambda: asked("oldest_s", 0, DAYS_AGO, (("action", "run-deletions"), ("kind", "request"))),
    "backup-overdue": lambda: dumps(overdue=1, age_s=DAYS_AGO),
    "backup-shrunken": lambda: dumps(shrunken=1),
    "bucket-unencrypted": unencrypted,
}

# ---- from ok to firing to resolved ----------------------------------------------------------------------------------


@dataclass
class Drive:
    """One rule of the profile under a clock of the test's own."""

    rule: str
    feed: Callable[[bool], Values]
    clock: Hand = field(default_factory=Hand)
    turns: list[tuple[str, float]] = field(default_factory=list)  # state and when, one after the other

    def __post_init__(self) -> None:
        rule = MRE.rules[self.rule]
        self.watch = Watch(MRE.model_copy(update={"rules": {self.rule: rule}}), self.clock)
        if isinstance(rule, BaselineRule):
            self.learn(rule)

    def learn(self, rule: BaselineRule) -> None:
        """Four weeks like the hour before the trouble: one link a second, and hardly anything refused or slow."""
        usual = 1.0 if rule.metric == "signed_urls_issued_total" else 0.001
        signal = path(rule.selector, ()) if rule.selector else rule.figure
        hours = range(int((self.clock.wall() - KEPT_S) // HOUR_S), int(self.clock.wall() // HOUR_S))
        self.watch.past.learn(Span(rule.source, signal, hour * HOUR_S, usual) for hour in hours)

    def until(self, state: str, trouble: bool) -> None:
        """Readings until the rule is in this state."""
        for _ in range(MOST):
            self.clock.at += STEP
            values = self.feed(trouble)
            source = MRE.rules[self.rule].source
            self.watch.take(Reading(source, self.clock.wall(), self.clock.at, 0.1, STEP, values))
            self.turns.append((self.state, self.clock.at))
            if self.state == state:
                return
        told = [(alert.key, alert.state, alert.value, alert.reason) for alert in self.watch.alerts]
        raise AssertionError(f"never {state}: {told}")

    @property
    def state(self) -> str:
        """Of the worst of its instances; unknown beats ok, for it is not."""
        order = ("firing", "recovering", "pending", "unknown", "ok")
        return min((alert.state for alert in self.watch.alerts if alert.rule == self.rule), key=order.index)

    @property
    def course(self) -> list[str]:
        return [state for state, _ in groupby(state for state, _ in self.turns) if state != "unknown"]


def test_a_trouble_is_known_for_every_rule() -> None:
    assert TROUBLES.keys() == MRE.rules.keys() >= ASKED


@pytest.mark.parametrize("name", TROUBLES)
def test_each_alert_goes_from_ok_to_firing_to_resolved(name: str) -> None:
    rule = MRE.rules[name]
    drive = Drive(name, TROUBLES[name]())
    drive.until("ok", trouble=False)
    begun = drive.clock.at
    drive.until("firing", trouble=True)
    [alert] = [alert for alert in drive.watch.alerts if alert.state == "firing"]
    assert drive.clock.at - begun >= rule.for_
    assert (alert.title, alert.runbook, alert.remedy) == (rule.title, rule.runbook, rule.remedy)
    drive.until("ok", trouble=False)
    assert drive.course in (["ok", "firing", "ok"], ["ok", "pending", "firing", "ok"])
    assert ("pending" in drive.course) is bool(rule.for_)
    assert drive.watch.alerts.firing == ()


@pytest.mark.parametrize("name", sorted(ASKED))
def test_missing_data_neither_fires_nor_resolves(name: str) -> None:
    """The source goes silent while the rule is ok, and while it fires."""
    drive = Drive(name, TROUBLES[name]())
    for state, trouble, kept in (("ok", False, "unknown"), ("firing", True, "firing")):
        drive.until(state, trouble)
        drive.clock.at += 600
        drive.watch.tick()
        assert drive.state == kept
    assert all(not alert.confirmed for alert in drive.watch.alerts if alert.state == "firing")


# ---- what the profile says of each ----------------------------------------------------------------------------------


def test_the_profile_passes_its_own_check_and_shows_every_alert() -> None:
    assert check(MRE) == []
    shown = CliRunner().invoke(root, ["profile", "show", "mre", "--json"], catch_exceptions=False)
    assert json.loads(shown.stdout)["rules"].keys() >= ASKED


def test_each_alert_has_its_severity_and_a_section_that_names_it_and_says_what_was_chosen_for_it() -> None:
    text = runbook("mre")
    for name, rule in MRE.rules.items():
        section = text.section(rule.runbook.removeprefix("mre#"))
        assert section and f"`{name}`" in text.text(section)
        assert rule.severity in MRE.severities
    assert {name for name in ASKED if MRE.rules[name].assumption} == OPEN


def test_the_runbook_names_only_what_there_is() -> None:
    text = "\n".join(runbook("mre").lines)
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+)+)`", text))
    assert named - {*MRE.actions, *MRE.rules} == set()
    assert {rule.remedy for rule in MRE.rules.values()} - {"", *named} == set()
    views = re.findall(r"`:([a-z]+)`", text)
    assert views and set(views) <= SCREENS.keys()
    for key, title in re.findall(r"`(\d)` ([A-Z]\w+)", text):
        assert next(told for _, digit, told in VIEWS if digit == key) == title


# ---- on the demo ----------------------------------------------------------------------------------------------------


async def test_on_the_demo_they_fire_when_it_is_so_and_not_before_or_after(demo: Demo) -> None:
    profile, clock = demo.profile, SystemClock()
    watch, built = Watch(profile, clock), build(profile, clock)
    rules = {
        "elevation-outside-hours": "elevation-at-night",
        "backup-overdue": "backup-overdue",
        "reaper-overdue": "retention-stalled",
        "db-disk": "disk",
    }

    async def states() -> set[str]:
        for source in dict.fromkeys(profile.rules[rule].source for rule in rules):
            values = await built.sources[source].fetch()
            assert not isinstance(values, Dated)
            watch.take(Reading(source, clock.wall(), clock.mono(), 0.0, 15.0, values))
        return {alert.state for alert in watch.alerts if alert.rule in rules}

    try:
        assert await states() == {"ok"}
        for name in rules.values():
            control.start(demo.control, name)
        assert await states() == {"firing"}
        for name in rules.values():
            control.repair(demo.control, name)
        assert await states() == {"ok"}
    finally:
        for name in rules.values():
            control.repair(demo.control, name)
        await built.close()
