"""The answer for cron and Nagios: never better than what is known, and in the form that they read."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.alerts import Acknowledged, Alert, Silenced
from services.check import CRITICAL, OK, STALE_S, UNKNOWN, WARNING, check, line
from services.clock import SystemClock
from services.profile import Profile, parse
from services.readings import NO_DATA_YET
from services.state import State, kept, path_of
from services.state.glance import glance
from tests.watching import HEAD, rule
from tui.__main__ import root

RULES = rule("stale") + rule("room", op="<", value=0.2)
STALE = Alert("stale", "Stale locks", "ok", 3.0, "> 5 for 10 s", 900.0, "SEV3", source="a")
ROOM = Alert("room", "Room", "ok", 0.5, "< 20 %", 900.0, source="a", unit="share")
FIRES = replace(STALE, state="firing", value=7.0, level="page")
HELD = Silenced("silence 7 by ana", None, 900.0)


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def profile(text: str = HEAD + RULES) -> Profile:
    return parse(text, "test")


@asynccontextmanager
async def watching(alerts: Sequence[Alert], age_s: float = 0.0) -> AsyncIterator[None]:
    """Somebody keeps the state file, and has written so long ago how the alerts stand."""
    path = path_of(profile())
    state = State.open(path)
    state.keep(kept.alerts(alerts, time.time() - age_s))
    try:
        async with asyncio.timeout(5):
            while alerts and not ((seen := glance(path)) and len(seen.alerts) == len(alerts)):
                await asyncio.sleep(0.02)
        yield
    finally:
        state.close()
        path.unlink()


async def told(alerts: Sequence[Alert], *rules: str, age_s: float = 0.0) -> tuple[int, str]:
    async with watching(alerts, age_s):
        checked = await check(profile(), SystemClock(), rules, 0.0)
    return checked.code, line(checked, profile().rules)


CASES = {
    "all is well": ([STALE, ROOM], OK, "OK - 2 rules, says the watch"),
    "one fires": ([FIRES, ROOM], CRITICAL, r"CRITICAL - firing: SEV3 Stale locks 7 \(> 5 for 10 s\), says"),
    "one warns": ([STALE, replace(ROOM, state="firing", level="warn")], WARNING, r"WARNING - firing: Room 50 %"),
    "it recovers": ([replace(FIRES, state="recovering"), ROOM], CRITICAL, "CRITICAL - recovering: SEV3"),
    "it waits for its time": ([replace(FIRES, state="pending", level=""), ROOM], OK, "OK - pending: SEV3"),
    "it is silenced": ([replace(FIRES, silenced=HELD), ROOM], OK, "OK - 1 firing, silenced or a consequence, says"),
    "it is a consequence": ([replace(FIRES, inhibited_by="room"), ROOM], OK, "OK - 1 firing, silenced or a cons"),
    "somebody has it": (
        [replace(FIRES, acknowledged=Acknowledged("ana", 950.0, "", "page")), ROOM],
        CRITICAL,
        r"acknowledged by ana, says",
    ),
    "it is not seen": ([replace(FIRES, confirmed=False, reason="a is stale"), ROOM], CRITICAL, "unconfirmed: a is s"),
    "it cannot be judged": (
        [replace(STALE, state="unknown", value=NO_DATA_YET, reason="no data yet"), ROOM],
        UNKNOWN,
        "UNKNOWN - 1 unknown: Stale locks: no data yet",
    ),
    "worse than unknown": ([replace(STALE, state="unknown"), replace(ROOM, state="firing", level="warn")], WARNING, ""),
    "one is not judged": ([STALE], UNKNOWN, "UNKNOWN - not judged: room, says"),
    "none is judged": ([], UNKNOWN, "is it stopped?"),
    "a rule that is gone": ([STALE, ROOM, replace(FIRES, rule="old")], OK, "OK - 2 rules"),
    "a silent source": ([STALE, ROOM, replace(FIRES, rule="silent-a", title="a is silent")], CRITICAL, "a is silent"),
}


@pytest.mark.parametrize("case", CASES)
async def test_it_is_as_bad_as_the_worst_that_is_known(case: str) -> None:
    alerts, code, words = CASES[case]
    found, text = await told(alerts)
    assert (found, bool(re.search(words, text))) == (code, True), text


async def test_only_the_rules_that_are_asked_for_count_with_all_their_instances() -> None:
    fuse = replace(FIRES, labels=(("type", "fuse"),), state="ok")
    parse_raw = replace(FIRES, labels=(("type", "parse_raw"),))
    silent = replace(FIRES, rule="silent-a")
    code, text = await told([fuse, parse_raw, ROOM, silent], "stale")
    assert (code, "SEV3 Stale locks (parse_raw) 7" in text, "silent" in text) == (CRITICAL, True, False)
    assert (await told([fuse, parse_raw, ROOM], "room"))[0] == OK
    assert (await told([STALE], "stale", "room"))[0] == UNKNOWN


async def test_a_watch_that_stands_still_is_not_believed() -> None:
    assert (await told([STALE, ROOM], age_s=STALE_S - 30))[0] == OK
    code, text = await told([STALE, ROOM], age_s=STALE_S + 30)
    assert code == UNKNOWN
    assert re.search(r"UNKNOWN - the watch on this machine has written nothing for 21\d s: is it stopped\?$", text)


async def test_performance_data_is_what_the_plugin_guidelines_ask_for() -> None:
    quoted = replace(STALE, labels=(("path", "it's|a=b"),), value=1_234_567.5)
    _, text = await told([quoted, replace(STALE, value=3e-9), replace(ROOM, value=float("nan"))])
    assert text.split(" | ", 1)[1] == "'stale'=0;;5 'stale{path:its/a:b}'=1234567.5;;5"
    _, text = await told([STALE, ROOM])
    assert text.split(" | ", 1)[1] == "'stale'=3;;5 'room'=0.5;;0.2:"


async def test_a_damaged_row_is_not_well_and_a_damaged_file_is_looked_past() -> None:
    path = path_of(profile())
    async with watching([STALE, ROOM]):
        state = State.open(path)  # a second one: its words are shared, so it may write
        import sqlite3

        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE alerts SET alert = '{}' WHERE key = 'stale'")
        connection.close()
        state.close()
        checked = await check(profile(), SystemClock(), (), 0.0)
        assert (checked.code, checked.missing) == (UNKNOWN, ("stale",))
        path.write_bytes(b"no database" * 1000)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
        checked = await check(profile(), SystemClock(), (), 0.0)
        assert (checked.code, checked.by[:49]) == (UNKNOWN, "this command (the state file cannot be read: file")


async def test_backends_that_never_answer_do_not_keep_it_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as hole:
        text = (HEAD + RULES).replace("127.0.0.1:1", f"127.0.0.1:{hole.getsockname()[1]}")
        began = time.monotonic()
        checked = await check(profile(text), SystemClock(), ("stale",), 0.3)
    assert checked.code == UNKNOWN
    assert time.monotonic() - began < 3.0


def test_what_it_cannot_do_is_unknown_and_not_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(HEAD + RULES)
    wrong = CliRunner().invoke(root, ["--profile", str(file), "check", "--rule", "nonsense"])
    assert (wrong.exit_code, wrong.stdout) == (UNKNOWN, "UNKNOWN - --rule nonsense: there is stale, room\n")
    file.write_text(HEAD + "[rules.x]\n")
    broken = CliRunner().invoke(root, ["--profile", str(file), "check"])
    assert (broken.exit_code, broken.stdout[:10]) == (UNKNOWN, "UNKNOWN - ")
    assert "\n" not in broken.stdout.strip()
