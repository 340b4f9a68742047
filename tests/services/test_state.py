"""What outlives the console, on a real file: restarts, a damaged file, and two consoles on one machine."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from services.readings import Unknown
from services.state import State, path_of
from tests.watching import QUICK, REFUSED, SLOW, WALL, Bench, profile, rule

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "test.sqlite"


def bench(path: Path, *tables: str) -> Bench:
    return Bench(profile(*(tables or (rule(),))), path=path)


def until(holds: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


# ---- restart


def test_a_short_gap_keeps_the_timer_and_does_not_count(path: Path) -> None:
    watch = bench(path)
    watch.read(SLOW, SLOW, SLOW)  # 4 s seen
    watch.restart(after=60.0)
    alert = watch.wait(0.1)
    assert (alert.state, alert.reason) == ("unknown", "a: no data yet")
    assert watch.read(SLOW, SLOW, SLOW, SLOW) == "pppf"
    assert watch.words == ["fires Slow"]
    watch.watch.state.close()


def test_a_long_gap_begins_the_timer_anew(path: Path) -> None:
    watch = bench(path)
    watch.read(SLOW, SLOW, SLOW)
    watch.restart(after=301.0)
    assert watch.read(SLOW, SLOW, SLOW, SLOW, SLOW, SLOW) == "pppppf"
    watch.watch.state.close()


def test_what_fired_is_unconfirmed_until_it_is_evaluated_and_is_not_told_twice(path: Path) -> None:
    watch = bench(path)
    watch.read(*[SLOW] * 6)
    watch.watch.acknowledge("slow", "ana", "on it")
    before = watch.alert()
    assert watch.words == ["fires Slow"]
    watch.restart(after=3 * 86_400.0)
    alert = watch.wait(0.1)
    assert (alert.state, alert.confirmed, alert.since) == ("firing", False, before.since)
    assert alert.reason.startswith("unconfirmed")
    watch.read(SLOW)
    alert = watch.alert()
    assert (alert.confirmed, alert.episode, alert.acknowledged) == (True, before.episode, before.acknowledged)
    assert watch.words == []
    watch.read(QUICK)
    assert watch.words == ["resolves Slow"]
    watch.restart()
    watch.read(QUICK)
    assert watch.words == []
    watch.watch.state.close()


def test_what_resolved_while_nobody_looked_is_told_when_that_is_seen(path: Path) -> None:
    watch = bench(path)
    watch.read(*[SLOW] * 6)
    watch.restart()
    assert watch.read(QUICK) == "o"
    assert watch.words == ["fires Slow", "resolves Slow"]
    watch.watch.state.close()


def test_a_source_that_was_silent_stays_so_over_a_restart_and_is_not_told_twice(path: Path) -> None:
    watch = bench(path)
    watch.read(REFUSED, REFUSED)
    assert watch.words == ["fires a does not answer"]
    watch.restart()
    watch.wait(0.1)
    assert not watch.alert("silent-a").confirmed
    watch.read(REFUSED)
    assert watch.alert("silent-a").state == "firing"
    watch.read(REFUSED)
    assert watch.words == []
    watch.read(QUICK)
    assert watch.words == ["resolves a does not answer"]
    watch.watch.state.close()


def test_a_rule_that_the_profile_has_no_more_is_told_to_be_over(path: Path) -> None:
    watch = bench(path)
    watch.read(*[SLOW] * 6)
    watch.profile = profile()
    watch.restart()
    watch.read(SLOW)
    assert watch.words == ["fires Slow", "resolves Slow"]
    watch.watch.state.close()


def test_a_notice_that_was_not_delivered_is_told_again_after_a_restart(path: Path) -> None:
    watch = bench(path)
    watch.watch.listen(lambda notices: None)  # the console dies before it can send
    watch.read(*[SLOW] * 6)
    watch.restart()
    watch.read(SLOW)
    assert watch.words == ["fires Slow"]
    watch.restart()
    watch.read(SLOW)
    assert watch.words == []
    watch.watch.state.close()


def test_silences_and_what_happened_in_them_outlive_a_restart(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}))
    watch.read(QUICK)
    watch.watch.silence({"rule": "slow"}, watch.clock.wall() + 20, "ana", "deploy")
    watch.read(SLOW)
    watch.restart()
    watch.wait(0.1)
    silenced = watch.alert().silenced
    assert silenced and silenced.comment == "deploy"
    watch.read(QUICK)
    watch.restart(after=60.0)
    watch.read(QUICK)
    (summary,) = watch.words
    assert summary.startswith("summary 1 meanwhile") and "still active" not in summary
    watch.watch.state.close()


def test_transitions_can_be_looked_back_on(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}))
    watch.read(QUICK, SLOW)
    watch.watch.acknowledge("slow", "ana", "on it")
    watch.restart()
    watch.read(QUICK)
    turns = [(turn.state, turn.said) for turn in watch.watch.transitions("slow")]
    assert ("firing", "acknowledged by ana: on it") in turns
    assert [state for state, said in turns if not said] == ["ok", "firing", "ok"]
    watch.watch.state.close()


def test_what_fires_with_the_first_answer_begins_to_fire_then(path: Path) -> None:
    """Nobody has to have seen it well before: it is not the confirmation of an alert that fired already."""
    watch = bench(path, rule(**{"for": "0s"}))
    watch.read(Unknown("no data yet"))
    watch.read(SLOW)
    first = watch.watch.transitions("slow")[0]
    assert (first.state, first.said) == ("firing", "")
    watch.watch.state.close()


def test_figures_by_the_minute_and_by_the_hour_outlive_a_restart(path: Path) -> None:
    watch = bench(path, rule(over="max", window="5m", **{"for": "0s"}))
    for minute in range(70):
        watch.read(QUICK if minute < 60 else 2.0, after=60.0)
    watch.restart()
    window = watch.watch.past.window("a", "figures.x", 3600.0)
    minutes, hours = watch.watch.state.spans()
    assert {span.value for span in minutes} == {QUICK, 2.0} and len(minutes) >= 69
    assert [span.value for span in hours] == [pytest.approx(1.0, abs=0.3)]
    assert window is not None
    watch.watch.state.close()


def test_hours_leave_out_what_fired(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}), rule("recorded", over="max"))
    watch.clock.offset -= watch.clock.wall() % 3600
    for minute in range(64):
        watch.read(SLOW if minute > 40 else QUICK, after=60.0)
    watch.watch.state.close()
    _, hours = State.open(path, watch.clock.wall).spans()
    assert [span.value for span in hours] == [QUICK]


# ---- the file


def test_a_damaged_file_is_moved_aside_and_that_is_said(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\x00" + b"rubbish" * 2000)
    state = State.open(path, lambda: WALL)
    assert "was damaged" in state.problem and f"test.damaged-{WALL:.0f}" in state.problem
    assert path.with_name(f"test.damaged-{WALL:.0f}").exists()
    assert state.keeps
    state.close()
    again = State.open(path)
    assert again.problem == ""
    again.close()


def test_a_file_of_a_later_version_is_left_alone(path: Path) -> None:
    State.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    state = State.open(path, lambda: WALL)
    assert "version 99" in state.problem and "will not outlive" in state.problem
    assert path.exists() and not list(path.parent.glob("*damaged*"))


def test_without_a_place_for_it_the_watch_goes_on(path: Path) -> None:
    path.parent.joinpath("file").write_text("")
    watch = bench(path.parent / "file" / "x.sqlite", rule(**{"for": "0s"}))
    assert "will not outlive" in watch.watch.state.problem
    assert watch.read(SLOW) == "f"
    assert watch.words == ["fires Slow"]


def test_what_cannot_be_written_is_said_and_the_rest_is_written(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE alerts")
        watch.read(SLOW)
        until(lambda: "no such table: alerts" in watch.watch.state.problem, "said")
        until(lambda: bool(connection.execute("SELECT * FROM transitions").fetchall()), "the rest")
    watch.watch.state.close()


def test_what_fails_half_way_does_not_keep_what_comes_later_from_being_written(path: Path) -> None:
    wall = [WALL]
    state = State.open(path, lambda: wall[0])
    until(lambda: path.stat().st_size > 0 and not state.problem, "begun")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE DELETE ON notices BEGIN SELECT RAISE (FAIL, 'disk full'); END")
        connection.execute("INSERT INTO notices VALUES ('old', 0, '{}')")
        wall[0] += 2 * 3600.0  # it is time to throw away what is too old
        state.mark("new", "mail")
        until(lambda: "disk full" in state.problem, "said")
        state.mark("newer", "mail")
        until(lambda: len(connection.execute("SELECT * FROM deliveries").fetchall()) == 2, "written")
    state.close()


def test_that_it_stands_as_before_the_start_is_no_news(path: Path) -> None:
    watch = bench(path)
    watch.read(QUICK)
    before = watch.watch.transitions("slow")
    for _ in range(3):
        watch.restart()
        watch.read(QUICK, QUICK)
    assert watch.watch.transitions("slow") == before
    watch.read(SLOW)
    assert watch.watch.transitions("slow")[0].state == "pending"
    watch.watch.state.close()


def test_the_file_is_nobody_elses_and_each_environment_has_its_own(path: Path) -> None:
    state = State.open(path)
    assert len(files := list(path.parent.iterdir())) == 4, "and its lock, and the pages that SQLite keeps beside it"
    assert not any(file.stat().st_mode & 0o077 for file in files)
    state.close()
    names = {path_of(profile(f'[environment]\nname = "{name}"')).name for name in ("production", "../../x", "")}
    assert names == {"production.sqlite", "_.._x.sqlite", "unnamed.sqlite"}


# ---- two consoles


def test_of_two_consoles_one_notifies_and_both_hear_what_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.state.writer.LOOK_S", 0.05)
    first = bench(path, rule(**{"for": "0s"}))
    second = bench(path, rule(**{"for": "0s"}))
    assert (first.watch.state.elsewhere, second.watch.state.keeps) == ("", False)
    assert "another console" in second.watch.state.elsewhere
    for console in (first, second):
        console.read(SLOW)
    assert (first.words, second.words) == (["fires Slow"], [])

    second.watch.acknowledge("slow", "bob", "mine")
    second.watch.silence({"source": "a"}, second.clock.wall() + 600, "bob", "deploy")
    until(lambda: bool(first.wait(0.0).acknowledged and first.alert().silenced), "heard of it")
    ack, silenced = first.alert().acknowledged, first.alert().silenced
    assert ack and silenced and (ack.by, silenced.comment) == ("bob", "deploy")

    first.watch.unsilence(next(iter(first.watch.quiet.silences)))
    until(lambda: second.wait(0.0).silenced is None, "heard that it is lifted")

    first.watch.state.close()
    until(lambda: second.watch.state.keeps, "took over")
    second.read(SLOW)
    assert second.words == [], "the first had told it"
    assert second.alert().episode == first.alert().episode
    second.read(QUICK)
    assert second.words == ["resolves Slow"]
    second.watch.state.close()


# ---- killed

KILLED = """
import sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.watching import SLOW, Bench, profile, rule
watch = Bench(profile(rule()), path=Path({path!r}))
watch.read(*[SLOW] * {polls})
print(watch.alert().state, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("polls", "state", "then"), [(4, "pending", "ppf"), (7, "firing", "fff")])
def test_killed_in_pending_and_in_firing_it_goes_on(path: Path, polls: int, state: str, then: str) -> None:
    """SIGKILL, and a new console on the same file: the timer goes on, and what was told is not told again."""
    program = KILLED.format(root=str(ROOT), path=str(path), polls=polls)
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == state
    with closing(sqlite3.connect(path)) as connection:
        until(lambda: state in str(connection.execute("SELECT alert FROM alerts").fetchall()), "written")
        if state == "firing":
            until(lambda: bool(connection.execute("SELECT * FROM deliveries").fetchall()), "written")
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    watch = bench(path)
    assert watch.watch.state.keeps, "a dead console holds no lock"
    watch.wait(0.0)
    assert watch.alert().confirmed is False
    assert watch.read(SLOW, SLOW, SLOW) == then
    assert watch.words == (["fires Slow"] if state == "pending" else [])
    watch.watch.state.close()


def test_what_cannot_be_read_of_one_alert_does_not_lose_the_others(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}), rule("other", **{"for": "0s"}))
    watch.read(SLOW)
    watch.watch.state.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alerts SET alert = '{\"rule\": 1' WHERE key = 'other'")
    state = State.open(path)
    assert [alert.key for _, alert in state.saved.alerts] == ["slow"]
    state.close()


def test_values_come_back_as_they_were(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}))
    watch.read(Unknown("not permitted", "no rights"))
    watch.watch.state.close()
    state = State.open(path)
    assert state.saved.alerts[0][1].value == Unknown("not permitted", "no rights")
    state.close()


def test_an_alert_of_an_earlier_version_is_restored_without_what_it_did_not_have(path: Path) -> None:
    watch = bench(path, rule(**{"for": "0s"}))
    watch.read(SLOW)
    watch.watch.state.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alerts SET alert = json_remove(alert, '$.assumption')")
    state = State.open(path)
    assert [alert.state for _, alert in state.saved.alerts] == ["firing"]
    state.close()
