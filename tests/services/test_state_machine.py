"""The state machine, row by row: what each case does to an alert, and to who is told of it."""

from __future__ import annotations

import time
from importlib import import_module
from pathlib import Path

import pytest

from services.alerts import Course
from services.clock import SystemClock
from services.profile.rules import AnyRule, Level
from services.readings import AtLeast, Figure, Unknown
from services.rules import threshold
from services.rules.flapping import flaps
from services.rules.look import Look
from services.rules.past import Past
from tests.watching import OTHER, QUICK, REFUSED, SLOW, Bench, profile, rule

GONE = Unknown("no data yet", "nothing to tell")


def bench(*tables: str, path: Path | None = None) -> Bench:
    return Bench(profile(*tables), path=path)


def test_pending_and_false_is_ok() -> None:
    watch = bench(rule())
    assert watch.read(SLOW, SLOW, QUICK, SLOW, SLOW, SLOW, SLOW, SLOW, SLOW) == "ppopppppf"


def test_unknown_freezes_the_timers_and_the_alert_says_so() -> None:
    watch = bench(rule())
    assert watch.read(SLOW, SLOW, SLOW) == "ppp"  # 4 s seen
    assert watch.read(GONE) == "u"
    assert watch.alert().reason == str(GONE)
    assert watch.read(SLOW, SLOW, SLOW, SLOW) == "pppf"


def test_missing_data_never_resolves_an_alert() -> None:
    watch = bench(rule(**{"for": "0s"}))
    assert watch.read(SLOW, GONE, REFUSED, REFUSED, AtLeast(0)) == "fffff"
    alert = watch.alert()
    assert (alert.confirmed, alert.value) == (False, SLOW)
    assert alert.reason.startswith("unconfirmed: ")
    assert watch.read(QUICK) == "o"


def test_for_counts_observed_time_only() -> None:
    watch = bench(rule())
    assert watch.read(SLOW, after=60.0) == "p"
    assert watch.read(SLOW, after=60.0) == "p", "a minute without a poll was not observed"
    assert watch.read(SLOW, SLOW, SLOW, SLOW, SLOW) == "ppppf"


def test_between_threshold_and_clear_value_it_goes_on_firing() -> None:
    watch = bench(rule(clear=3, **{"for": "0s"}))
    assert watch.read(4.0, SLOW, 4.0, 4.0, 3.5, 2.0, 4.0) == "offffoo"


def test_it_recovers_before_it_is_over_and_firing_again_is_the_same_episode() -> None:
    watch = bench(rule(keep_firing="6s", **{"for": "0s"}))
    assert watch.read(SLOW, QUICK, QUICK) == "frr"
    began = watch.alert().episode
    assert watch.read(SLOW) == "f"
    assert (watch.alert().episode, watch.alert().since) == (began, watch.alert().fired_at)
    assert watch.read(QUICK, QUICK, QUICK, QUICK) == "rrro"
    assert watch.words == ["fires Slow", "resolves Slow"]
    assert watch.read(SLOW) == "f" and watch.alert().episode != began


LEVELS = {"value": None, "for": None, "warn": {"value": 5, "for": "4s"}, "page": {"value": 20, "severity": "SEV1"}}


def test_one_instance_carries_both_levels_and_falling_back_is_no_second_alert() -> None:
    watch = bench(rule(**LEVELS))
    seen = []
    for value in (QUICK, SLOW, SLOW, SLOW, 30.0, SLOW, 30.0, QUICK):
        watch.read(value)
        alert = watch.alert()
        seen.append((alert.state, alert.level, alert.severity, alert.threshold))
    warn, page = ("warn", "SEV2", "> 5 for 4 s"), ("page", "SEV1", "> 20")
    assert seen == [
        ("ok", "", *warn[1:]),
        ("pending", "", *warn[1:]),
        ("pending", "", *warn[1:]),
        ("firing", *warn),
        ("firing", *page),
        ("firing", *warn),
        ("firing", *page),
        ("ok", "", *warn[1:]),
    ]
    assert watch.words == ["fires Slow", "escalates Slow", "resolves Slow"]


def test_a_page_is_due_although_the_warning_is_still_waiting() -> None:
    watch = bench(rule(**LEVELS))
    assert watch.read(30.0) == "f"
    assert watch.alert().level == "page"


def test_first_polls_after_start_fill_before_anything_is_told() -> None:
    watch = bench(rule(**{"for": "0s"}), OTHER)
    assert watch.read(SLOW, SLOW) == "ff"
    assert watch.words == []
    watch.read(QUICK, source="b")
    assert watch.words == ["fires Slow"]


def test_a_source_that_never_answers_does_not_hold_the_others_back_for_ever() -> None:
    watch = bench(rule(**{"for": "0s"}), OTHER)
    watch.read(SLOW)
    watch.wait(60.0)
    watch.read(SLOW)
    assert watch.words == ["fires Slow"]


def test_the_clock_for_durations_goes_on_in_a_suspend() -> None:
    awake = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    assert SystemClock().mono() == pytest.approx(time.clock_gettime(awake), abs=1.0)


def test_a_suspended_machine_leaves_a_gap_which_is_not_counted() -> None:
    watch = bench(rule())
    watch.read(SLOW, SLOW)
    alert = watch.wait(8 * 3600.0)
    assert (alert.state, alert.confirmed) == ("unknown", False)
    assert watch.read(SLOW, SLOW, SLOW, SLOW) == "pppp"
    assert watch.read(SLOW) == "f"


def test_a_wall_step_shifts_stamps_and_silences_and_drift_does_not() -> None:
    watch = bench(rule(**{"for": "0s"}))
    watch.read(SLOW)
    silence = watch.watch.silence({"rule": "other"}, watch.clock.wall() + 600, "ana")
    watch.watch.acknowledge("slow", "ana")
    before = watch.alert()
    watch.clock.offset += 1.0
    watch.wait(1.0)
    assert watch.alert().since == before.since
    watch.clock.offset -= 3600.0
    watch.wait(1.0)
    after = watch.alert()
    assert before.acknowledged and after.acknowledged
    assert (after.since, after.acknowledged.at) == (before.since - 3600, before.acknowledged.at - 3600)
    (moved,) = watch.watch.quiet.silences.values()
    assert moved.until is not None and silence.until is not None
    assert moved.until == silence.until - 3600


def test_flapping_latches_firing_with_one_notice_and_leaves_after_quiet() -> None:
    watch = bench(rule(**{"for": "0s"}))
    assert watch.read(*[SLOW, QUICK] * 2) == "foff"  # the fourth turn latches
    assert watch.alert().flapping
    assert watch.read(*[SLOW, QUICK] * 10) == "f" * 20
    assert watch.words == ["fires Slow", "resolves Slow", "fires Slow", "flaps Slow"]
    assert watch.read(*[QUICK] * 29) == "f" * 29
    assert watch.read(QUICK, QUICK) == "oo"
    assert watch.words == ["resolves Slow"]


def test_a_rule_that_waits_leaves_flapping_after_twice_its_wait() -> None:
    assert flaps(Course(quiet_s=79.0), True, 40.0)
    assert not flaps(Course(quiet_s=80.0), True, 40.0)


def test_slow_turns_are_no_flapping() -> None:
    watch = bench(rule(**{"for": "40s"}))
    for _ in range(2):
        watch.read(*[SLOW] * 21, QUICK)
    assert not watch.alert().flapping, "four turns, and not within twenty evaluations"


def test_in_a_silence_evaluation_goes_on_and_its_end_tells_what_happened_meanwhile() -> None:
    watch = bench(rule(**{"for": "0s"}), rule("other", figure="figures.x", value=100, **{"for": "0s"}))
    watch.read(QUICK)
    until = watch.clock.wall() + 20
    watch.watch.silence({"source": "a"}, until, "ana", "deploy")
    assert watch.read(SLOW, QUICK, 200.0) == "fof"
    silenced = watch.alert().silenced
    assert silenced and (silenced.until, silenced.comment) == (until, "deploy")
    assert [turn.state for turn in watch.watch.transitions("slow")][:3] == ["firing", "ok", "firing"]
    assert watch.words == []
    watch.read(*[200.0] * 7)
    summary, *fires = watch.words
    assert summary.startswith("summary 3 meanwhile: SEV2 Slow from ") and summary.count("still active") == 2
    assert sorted(fires) == ["fires Other", "fires Slow"]


def test_a_silence_that_is_lifted_ends_at_once_and_one_without_conditions_is_refused() -> None:
    watch = bench(rule(**{"for": "0s"}))
    watch.read(QUICK)
    silence = watch.watch.silence({"severity": "~SEV[12]"}, None, "ana")
    watch.read(SLOW)
    assert watch.words == []
    assert watch.watch.unsilence(silence.id) and not watch.watch.unsilence("none")
    assert [word.split()[0] for word in watch.words] == ["summary", "fires"]
    with pytest.raises(ValueError, match="everything"):
        watch.watch.silence({}, None, "ana")


def test_what_was_told_before_a_silence_is_told_to_be_over_after_it() -> None:
    watch = bench(rule(**{"for": "0s"}))
    watch.read(SLOW)
    assert watch.words == ["fires Slow"]
    watch.watch.silence({"rule": "slow"}, watch.clock.wall() + 5, "ana")
    watch.read(QUICK)
    assert watch.words == []
    watch.read(QUICK, QUICK)
    assert [word.split()[0] for word in watch.words] == ["summary", "resolves"]


MAINTENANCE = '[maintenance.patch-day]\ntitle = "Patches"\ntz = "Europe/Berlin"\ndays = [2]\nhours = "23:00-23:15"\n'


def test_maintenance_comes_every_week_by_its_own_clock() -> None:
    """It is Tuesday, 23:13 in Berlin."""
    watch = bench(rule(**{"for": "0s"}), MAINTENANCE)
    watch.read(SLOW)
    silenced = watch.alert().silenced
    assert silenced and (silenced.by, silenced.comment) == ("maintenance patch-day", "Patches")
    assert watch.words == []
    watch.wait(120.0)
    watch.read(SLOW)
    assert [word.split()[0] for word in watch.words] == ["summary", "fires"]


def test_acknowledged_is_per_episode_and_a_rising_level_breaks_it() -> None:
    watch = bench(rule(**LEVELS))
    watch.read(*[SLOW] * 3)
    assert watch.watch.acknowledge("slow", "ana", "on it")
    ack = watch.alert().acknowledged
    assert ack and (ack.by, ack.reason, ack.level) == ("ana", "on it", "warn")
    watch.read(SLOW, REFUSED, SLOW)
    assert watch.alert().acknowledged == ack
    watch.read(30.0)
    assert watch.alert().acknowledged is None
    assert watch.words == ["fires Slow", "escalates Slow"]
    watch.watch.acknowledge("slow", "bob")
    watch.read(QUICK)
    assert watch.alert().acknowledged is None
    assert not watch.watch.acknowledge("slow", "bob"), "nothing fires"


def test_what_rises_again_after_somebody_took_the_lower_level_is_news() -> None:
    watch = bench(rule(**LEVELS))
    watch.read(30.0, 30.0, 30.0, SLOW)
    watch.watch.acknowledge("slow", "ana")
    watch.read(SLOW, 30.0)
    assert watch.words == ["fires Slow", "escalates Slow"]


def test_an_acknowledged_alert_that_was_never_told_is_not_told_later() -> None:
    watch = bench(rule(**{"for": "0s"}))
    watch.read(QUICK)
    watch.watch.silence({"rule": "slow"}, watch.clock.wall() + 5, "ana")
    watch.read(SLOW)
    watch.watch.acknowledge("slow", "ana")
    watch.read(SLOW, SLOW, SLOW, QUICK)
    assert [word.split()[0] for word in watch.words] == ["summary"]


def test_an_edited_rule_keeps_its_state_and_is_evaluated_again(tmp_path: Path) -> None:
    watch = bench(rule(**{"for": "0s"}), path=tmp_path / "s.sqlite")
    watch.read(SLOW)
    episode = watch.alert().episode
    watch.profile = profile(rule(value=8, title="Much slower", **{"for": "0s"}))
    watch.restart()
    watch.read(SLOW)
    alert = watch.alert()
    assert (alert.episode, alert.title, alert.threshold) == (episode, "Much slower", "> 8")
    assert watch.words == ["fires Slow"]
    watch.profile = profile(rule(value=10, **{"for": "0s"}))
    watch.restart()
    assert watch.read(SLOW) == "o"
    watch.watch.state.close()


def test_a_source_that_is_down_is_one_alert_and_its_rules_are_held() -> None:
    tables = [rule(name, **{"for": "0s"}) for name in ("slow", "slower", "slowest")]
    watch = bench(*tables)
    watch.read(SLOW)
    assert len(watch.words) == 3
    watch.read(*[REFUSED] * 5)
    assert watch.words == ["fires a does not answer"]
    assert {alert.state for alert in watch.watch.alerts} == {"firing"}
    assert watch.alert("slower").inhibited_by == "silent-a" and not watch.alert("slower").confirmed
    watch.read(SLOW)
    assert watch.words == ["resolves a does not answer"]


DATABASE = '[sources.db]\nkind = "postgres"\ndsn = "dbname=x"\n'
QUEUE = '[sources.jobs]\nkind = "queue"\npreset = "mre"\ndatabase = "db"\n'


def test_what_is_asked_through_a_dead_source_is_no_second_alert() -> None:
    watch = bench(DATABASE, QUEUE)
    for source in ("a", "db", "jobs"):
        watch.read(QUICK, source=source)
    watch.read(REFUSED, REFUSED, source="jobs")
    assert watch.words == [], "the database has not been asked since"
    watch.read(REFUSED, REFUSED, source="db")
    assert watch.words == ["fires db does not answer"]
    assert watch.alert("silent-jobs").inhibited_by == "silent-db"
    watch.read(QUICK, source="db")
    watch.read(REFUSED, source="jobs")
    assert watch.words == ["resolves db does not answer", "fires jobs does not answer"]


def test_a_rule_inhibited_by_another_is_told_when_that_is_over() -> None:
    watch = bench(rule("down", value=50, **{"for": "0s"}), rule(inhibited_by=["down"], **{"for": "0s"}))
    watch.read(90.0)
    assert watch.words == ["fires Down"]
    assert watch.alert().inhibited_by == "down"
    watch.read(SLOW)
    assert watch.words == ["resolves Down", "fires Slow"]


def test_outside_its_hours_a_rule_is_not_judged() -> None:
    """It is Tuesday, 22:13 UTC."""
    office = {"tz": "UTC", "days": [1, 2, 3, 4, 5], "hours": "09:00-17:30"}
    watch = bench(rule(when=office, **{"for": "0s"}), rule("odd", when={**office, "invert": True}, **{"for": "0s"}))
    watch.read(SLOW)
    assert (watch.alert().state, watch.alert("odd").state) == ("ok", "firing")
    assert watch.alert().reason == "not judged outside Mo Tu We Th Fr 09:00-17:30 UTC"
    watch.wait(11 * 3600.0)
    watch.read(SLOW)
    assert (watch.alert().state, watch.alert("odd").state) == ("firing", "ok")


@pytest.mark.parametrize(("means", "states"), [("hold", "uuuuu"), ("ok", "uuooo"), ("alert", "uufff")])
def test_what_no_data_means_is_the_rules_to_say_after_its_time(means: str, states: str) -> None:
    watch = bench(rule(no_data=means, no_data_for="4s", **{"for": "0s"}))
    assert watch.read(*[GONE] * 5) == states
    assert watch.read(QUICK) == "o"
    assert watch.read(REFUSED, REFUSED, REFUSED, REFUSED) == "uuuu", "a dead source is not missing data"


BY_TYPE = {"figure": "figures.x{*}", "for": "0s", "no_data_for": "4s"}


def test_each_instance_has_a_life_of_its_own() -> None:
    watch = bench(rule(**BY_TYPE))
    watch.read({"fuse": SLOW, "parse": QUICK})
    states = {alert.key: alert.state for alert in watch.watch.alerts}
    assert states == {"slow{type=fuse}": "firing", "slow{type=parse}": "ok"}
    assert watch.words == ["fires Slow"]
    watch.read({"fuse": QUICK, "parse": SLOW})
    assert watch.words == ["resolves Slow", "fires Slow"]


def test_an_instance_that_is_gone_resolves_after_the_source_was_good_without_it() -> None:
    watch = bench(rule(**BY_TYPE))
    watch.read({"fuse": SLOW, "parse": QUICK})
    watch.read({"parse": QUICK}, REFUSED, REFUSED, {"parse": QUICK})
    gone = watch.alert("slow{type=fuse}")
    assert (gone.state, gone.confirmed) == ("firing", False)
    assert "does not tell of it any more" in gone.reason
    watch.read({"parse": QUICK})
    assert watch.watch.alerts.get("slow{type=fuse}") is None
    assert "resolves Slow" in watch.words


def test_a_rule_without_any_instance_says_so_until_there_is_one() -> None:
    watch = bench(rule(**BY_TYPE))
    assert watch.read({}) == "u"
    assert watch.alert().reason
    watch.read({"fuse": QUICK})
    assert [alert.key for alert in watch.watch.alerts] == ["slow{type=fuse}"]


def test_nothing_new_leaves_the_same_alerts() -> None:
    watch = bench(rule(), rule("other", **{"for": "0s"}), OTHER)
    watch.read(SLOW)
    watch.read(REFUSED, source="b")
    before = tuple(watch.watch.alerts)
    watch.wait(0.5)
    assert all(now is then for now, then in zip(watch.watch.alerts, before, strict=True))


def test_of_too_many_instances_those_that_hold_are_kept() -> None:
    watch = bench(rule(**BY_TYPE))
    watch.read({f"t{n}": SLOW if n == 400 else QUICK for n in range(500)})
    assert len(watch.watch.alerts.by_key) == 200
    assert watch.alert("slow{type=t400}").state == "firing"


@pytest.mark.parametrize("then", [3, GONE])
def test_of_too_many_instances_what_fires_is_followed_to_its_end(then: Figure) -> None:
    watch = bench(rule(clear=2, **BY_TYPE))
    watch.read({f"t{n}": SLOW if n == 400 else QUICK for n in range(500)})
    watch.read(*[{f"t{n}": then if n == 400 else QUICK for n in range(500)}] * 4)
    assert watch.alert("slow{type=t400}").state == "firing"
    assert watch.words == ["fires Slow"]
    watch.read({f"t{n}": QUICK for n in range(500)})
    assert watch.words == ["resolves Slow"]


def test_a_rule_that_goes_wrong_is_unknown_and_the_others_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(rule: AnyRule, level: Level, past: Past) -> tuple[Look, ...]:
        if rule.title == "Odd":
            raise ZeroDivisionError("by nothing")
        return threshold.look(rule, level, past)  # type: ignore[arg-type]

    monkeypatch.setattr(import_module("services.rules.instances"), "RULES", {"threshold": look})
    watch = bench(rule("odd"), rule(**{"for": "0s"}))
    watch.read(SLOW)
    assert watch.alert().state == "firing"
    assert (watch.alert("odd").state, watch.alert("odd").reason) == (
        "unknown",
        "it cannot be judged: ZeroDivisionError: by nothing",
    )
