"""Units, commands and requests: done once, looked at afterwards, and never called done when nobody knows."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.action_trial import trials
from services.actions.entries import entries
from services.actions.journal import Journal
from services.actions.plan import Outcome, Plan, Request
from services.actions.preview import preview, previewing
from services.actions.runner import Runner
from services.actions.settle import settle
from services.errors import ActionError
from services.lint import check
from services.profile import Profile, parse
from tests.actions import until
from tests.services.test_run import alive

BASE = """
schema = 1
name = "shop"
title = "Shop"
[environment]
name = "{environment}"
[roles]
default = "operator"
[sources.api]
kind = "http"
url = "http://127.0.0.1:1"
paths = ["/health"]
"""
WHY = "it hangs"


@dataclass(frozen=True)
class Bench:
    profile: Profile
    journal: Journal

    async def plan(self, action: str, **args: str) -> Plan:
        async with previewing(self.profile, action) as prospect:
            request = Request(action=action, args=args)
            return await preview(self.profile, request, prospect, actor="alice", role="operator")

    def runner(self, plan: Plan, said: list[str] | None = None) -> Runner:
        runner = Runner(self.profile, plan, WHY, "alice", self.journal)

        async def hear(line: str) -> None:
            if said is not None:
                said.append(line)

        runner.on_line = hear
        return runner

    async def act(self, plan: Plan, said: list[str] | None = None) -> Outcome:
        return await self.runner(plan, said).carry_out()

    async def do(self, action: str, **args: str) -> Outcome:
        return await self.act(await self.plan(action, **args))


def bench(folder: Path, actions: str, environment: str = "staging") -> Bench:
    profile = parse(BASE.replace("{environment}", environment) + actions, "test")
    return Bench(profile, Journal(folder / "state" / "shop" / "audit.jsonl"))


def program(folder: Path, name: str, text: str) -> Path:
    """A program of our own, on PATH."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!{sys.executable}\nimport json, os, signal, sys, time\n{text}")
    path.chmod(0o755)
    return path


# ---- units

SYSTEMCTL = """
state = {state!r}
told = json.load(open(state))
with open(state + ".calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:2]) + "\\n")
unit = sys.argv[2]
if sys.argv[1] == "show":
    told["LoadState"] = "loaded" if unit == "shop.service" else "not-found"
    print("\\n".join(f"{{key}}={{value}}" for key, value in told.items() if not key.startswith("on_")))
    sys.exit()
print("working on", unit, flush=True)
change = told.get("on_" + sys.argv[1], {{}})
code, wait = change.pop("exit", 0), change.pop("wait", 0)
json.dump({{**told, **change}}, open(state, "w"))
time.sleep(wait)
if code:
    sys.exit("Failed: Access denied")
"""
UNITS = """
[actions.restart]
title = "Restart the shop"
effect = "unit"
do = "restart"
units = ["shop.service", "lost.service"]
timeout = "1s"
[actions.stop]
title = "Stop the shop"
effect = "unit"
do = "stop"
units = ["shop.service"]
"""
UP = {"ActiveState": "active", "SubState": "running", "InvocationID": "a1", "ActiveEnterTimestamp": "Sat 2026-11-21"}


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A systemctl that does what it is told to do, and remembers being asked."""
    monkeypatch.setattr("services.actions.effects.unit.STEADY_S", 0.01)
    monkeypatch.setattr("services.actions.effects.unit.WITHIN_S", 0.2)
    state = tmp_path / "unit.json"
    program(tmp_path, "systemctl", SYSTEMCTL.format(state=str(state)))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    def told(**does: dict[str, Any]) -> list[str]:
        state.write_text(json.dumps({**UP, **{f"on_{verb}": change for verb, change in does.items()}}))
        calls = Path(f"{state}.calls")
        return calls.read_text().split() if calls.exists() else []

    return told


NEW = {"InvocationID": "b2"}


@pytest.mark.parametrize(
    ("does", "word", "said"),
    [
        (NEW, "done", "shop.service is active (running)"),
        ({}, "partial", "asked for: working on shop.service, but shop.service is active"),  # it never took place
        ({**NEW, "ActiveState": "failed", "SubState": "failed"}, "partial", "shop.service is failed (failed)"),
        ({"exit": 1}, "not applied", "Failed: Access denied; shop.service is active (running) as before"),
        ({**NEW, "exit": 1}, "done", "shop.service is active"),  # its state is believed, not the reply
        ({"wait": 30}, "unknown", "did not answer in time"),
        ({**NEW, "wait": 30}, "done", "shop.service is active"),
    ],
)
async def test_a_unit_is_restarted_when_its_invocation_is_another(
    tmp_path: Path, systemctl: Any, does: dict[str, Any], word: str, said: str
) -> None:
    mine = bench(tmp_path, UNITS)
    systemctl(restart=does)
    plan = await mine.plan("restart", ids="shop.service")
    assert plan.confirm.expected == "shop.service" and plan.changes == ("systemctl restart shop.service",)
    assert plan.targets[0].state == "active (running)" and plan.system_identifier == ""
    outcome = await mine.act(plan)
    assert (outcome.word, outcome.action) == (word, "restart") and said in outcome.message, outcome.message
    assert [record["kind"] for record in mine.journal.records()] == ["intent", "outcome"]


async def test_a_unit_that_was_restarted_since_the_preview_is_left_alone(tmp_path: Path, systemctl: Any) -> None:
    mine = bench(tmp_path, UNITS)
    systemctl()
    plan = await mine.plan("restart", ids="shop.service")
    (tmp_path / "unit.json").write_text(json.dumps({**UP, **NEW}))
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "not as it was seen" in outcome.message
    assert "restart" not in systemctl()


@pytest.mark.parametrize("ids", ["", "ssh.service", "shop.service,lost.service", "--force", "lost.service"])
async def test_only_the_profiles_own_units_that_are_there_can_be_named(
    tmp_path: Path, systemctl: Any, ids: str
) -> None:
    systemctl()
    with pytest.raises(ActionError):
        await bench(tmp_path, UNITS).plan("restart", ids=ids)


async def test_a_unit_is_stopped_and_one_that_is_stopped_needs_nothing(tmp_path: Path, systemctl: Any) -> None:
    mine = bench(tmp_path, UNITS)
    systemctl(stop={"ActiveState": "inactive", "SubState": "dead", "InvocationID": ""})
    assert (await mine.do("stop")).word == "done"
    with pytest.raises(ActionError, match="is inactive already"):
        await mine.plan("stop")


# ---- commands


def command(path: Path, **more: object) -> str:
    """An action with two parameters."""
    table = {"argv": [str(path), "--kind", "{kind}", "{name}"], "timeout": "5s", **more}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())
    return f"""
[actions.rebuild]
title = "Rebuild"
effect = "command"
{lines}params = {{ kind = "[a-z-]+", name = ".*" }}
"""


async def test_a_command_gets_its_arguments_as_they_are_and_what_it_says_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "canary")
    path = program(tmp_path, "rebuild", "print(json.dumps(sys.argv[1:]))\nprint('\\x1b[2J' + str(dict(os.environ)))")
    mine = bench(tmp_path, command(path))
    plan = await mine.plan("rebuild", kind="all", name="$(touch x); 'a b'")
    assert "'$(touch x); '\"'\"'a b'\"'\"''" in plan.changes[0]
    said: list[str] = []
    outcome = await mine.act(plan, said)
    assert outcome.word == "done" and json.loads(said[0]) == ["--kind", "all", "$(touch x); 'a b'"]
    assert "\x1b" not in said[1] and "canary" not in said[1] and outcome.id in said[1]
    assert entries(mine.journal)[0].outcome == "done"


@pytest.mark.parametrize(
    "args",
    [
        {"kind": "all", "name": "--delete"},
        {"kind": "-x", "name": "a"},
        {"kind": "all", "name": "a\nb"},
        {"kind": "ALL", "name": "a"},
        {"kind": "all"},
        {"kind": "all", "name": "a", "more": "b"},
    ],
)
async def test_what_could_be_taken_for_something_else_is_no_argument(tmp_path: Path, args: dict[str, str]) -> None:
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", "")).replace('name = ".*"', 'name = ".+"'))
    with pytest.raises(ActionError):
        await mine.plan("rebuild", **args)


async def test_a_plan_whose_command_was_edited_runs_nothing(tmp_path: Path) -> None:
    path = program(tmp_path, "rebuild", f"open({str(tmp_path / 'ran')!r}, 'w')")
    mine = bench(tmp_path, command(path))
    plan = await mine.plan("rebuild", kind="all", name="a")
    evil = plan.model_copy(update={"detail": {"argv": ["/bin/sh", "-c", f"touch {tmp_path / 'ran'}"]}})
    other = plan.model_copy(update={"request": Request(action="rebuild", args={"kind": "all", "name": "-rf"})})
    elsewhere = plan.model_copy(update={"server": "another-host"})
    old = plan.model_copy(update={"taken_at": time.time() - 61})
    for edited in (evil, other, elsewhere, old):
        outcome = await mine.act(edited)
        assert outcome.word == "not applied", outcome.message
    changed = bench(tmp_path, command(path, argv=[str(path), "{name}", "{kind}"]))
    assert "no longer the previewed one" in (await replace(changed, journal=mine.journal).act(plan)).message
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("does", "check_", "word", "said"),
    [
        ("print('half way'); sys.exit(3)", None, "partial", "exit code 3: half way"),
        ("os.kill(os.getpid(), 9)", None, "partial", "ended by signal 9"),
        ("", "sys.exit(0)", "done", "the check afterwards holds"),
        ("", "sys.exit(1)", "partial", "the check afterwards does not hold"),
        ("", "time.sleep(60)", "unknown", "could not be asked"),
        ("print('on it', flush=True); time.sleep(60)", None, "unknown", "ended by us after 1 s: on it"),
    ],
)
async def test_the_word_is_what_is_known_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, check_: str | None, word: str, said: str
) -> None:
    monkeypatch.setattr("services.actions.effects.check.WITHIN_S", 0.3)
    more = {"post_check": [str(program(tmp_path, "check", check_))]} if check_ else {}
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", does), timeout="600ms", **more))
    outcome = await mine.do("rebuild", kind="all", name="a")
    assert (outcome.word, outcome.applied) == (word, 1 if word == "done" else None)
    assert said in outcome.message and (word == "done" or outcome.remedy.startswith("look: "))


async def test_a_program_that_is_not_there_is_said_before_and_has_done_nothing(tmp_path: Path) -> None:
    path = program(tmp_path, "rebuild", "")
    mine = bench(tmp_path, command(path))
    plan = await mine.plan("rebuild", kind="all", name="a")
    (fine,) = await trials(mine.profile, False)
    path.unlink()
    outcome = await mine.act(plan)
    assert outcome.word == "not applied" and "there is no program" in outcome.message
    with pytest.raises(ActionError, match="there is no program"):
        await mine.plan("rebuild", kind="all", name="a")
    (finding,) = await trials(mine.profile, False)
    assert (fine.word, finding.word) == ("ok", "failed")


async def test_a_flood_is_bounded_and_the_program_is_not_held_up(tmp_path: Path) -> None:
    flood = (
        "for _ in range(40):\n    os.write(1, b'noise ' * 1000 + b'\\n' + b'x\\n' * 1000)\nos.write(1, b'y' * 1000000)"
    )
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", flood), timeout="20s"))
    said: list[str] = []
    outcome = await mine.act(await mine.plan("rebuild", kind="all", name="a"), said)
    assert outcome.word == "done" and len(said) == 300 and "more than is shown" in said[-1]
    assert max(map(len, said)) <= 310 and len(outcome.message) < 600


async def test_what_ignores_the_request_to_end_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.streamed.PATIENCE_S", 0.2)
    stubborn = f"""
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child}}")
    print("started", flush=True)
time.sleep(60)
"""
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", stubborn), timeout="60s"))
    runner = mine.runner(await mine.plan("rebuild", kind="all", name="a"))

    async def enough(line: str) -> None:
        runner.stop.set()

    runner.on_line = enough
    outcome = await runner.carry_out()
    assert outcome.word == "unknown" and "ended by us" in outcome.message
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    await until(lambda: not any(map(alive, pids)), "the whole group has ended")


async def test_what_a_command_leaves_running_on_purpose_goes_on(tmp_path: Path) -> None:
    leaves = f"""
if child := os.fork():
    open({str(tmp_path / "pid")!r}, "w").write(str(child))
else:
    time.sleep(30)
"""
    mine = bench(tmp_path, command(program(tmp_path, "rebuild", leaves)))
    outcome = await mine.do("rebuild", kind="all", name="a")
    pid = int((tmp_path / "pid").read_text())
    try:
        assert outcome.word == "done" and alive(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


async def test_an_intent_without_an_end_is_settled_as_unknown_with_what_to_look_at_and_only_once(
    tmp_path: Path,
) -> None:
    path = program(tmp_path, "rebuild", "")
    mine = bench(tmp_path, command(path, look="the count of rows in the report"))
    plan = await mine.plan("rebuild", kind="all", name="a")
    mine.journal.append_intent("0193f1c2-0000-7000-8000-000000000001", plan, WHY)
    (outcome,) = await settle(mine.profile, mine.journal, "bob")
    assert outcome.word == "unknown" and outcome.remedy == "look: the count of rows in the report"
    assert mine.journal.unsettled() == () and await settle(mine.profile, mine.journal, "bob") == ()
    assert entries(mine.journal)[0].outcome == "unknown" and mine.journal.verify().ok


async def test_in_production_the_environment_is_typed_whatever_the_risk(tmp_path: Path) -> None:
    """No system_identifier proves that it is the right place."""
    path = program(tmp_path, "rebuild", "")
    plan = await bench(tmp_path, command(path, risk="low"), "production").plan("rebuild", kind="all", name="a")
    assert (plan.confirm.kind, plan.confirm.expected, plan.confirm.reason_required) == ("name", "production", True)
    plan = await bench(tmp_path, command(path, risk="low")).plan("rebuild", kind="all", name="a")
    assert plan.confirm.kind == "key"


@pytest.mark.parametrize(
    ("good", "evil", "problem"),
    [
        ('"{name}"', '"--name={name}"', "a placeholder stands for a whole argument"),
        ('kind = "[a-z-]+", ', "", "{kind} has no pattern"),
        ('name = ".*"', 'name = ".*", more = "x"', "more is used nowhere"),
        ('name = ".*"', 'name = "["', "params.name: not a pattern"),
        ("/bin/rebuild", "/bin/ssh", "params.name: a shell reads the command"),
    ],
)
def test_a_profile_whose_command_lets_too_much_through_is_told(
    tmp_path: Path, good: str, evil: str, problem: str
) -> None:
    text = command(tmp_path / "bin" / "rebuild")
    assert good in text
    assert any(problem in found for found in check(bench(tmp_path, text.replace(good, evil)).profile))
    assert not [found for found in check(bench(tmp_path, text).profile) if "actions" in found]


# ---- requests


@dataclass
class Service:
    """A real HTTP server, and what it was sent."""

    server: ThreadingHTTPServer
    received: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    answer: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.received.append((self.command, self.path, dict(self.headers), body))
            found.answer(self)

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Service(server)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def answers(status: int, body: bytes = b"", **headers: str) -> Any:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def cuts(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def trickles(handler: BaseHTTPRequestHandler) -> None:
    with contextlib.suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b"H")
            time.sleep(0.05)


def request(url: str, more: str = "") -> str:
    return f"""
[actions.drain]
title = "Drain a queue"
effect = "http"
url = "{url}/queues/{{queue}}/drain"
headers = {{ Authorization = "Bearer canary" }}
body = {{ limit = 5, why = ["{{why}}", "x{{why}}"] }}
timeout = "500ms"
params = {{ queue = ".+", why = ".+" }}
{more}
"""


async def test_a_request_is_sent_once_with_the_actions_id_and_values_that_stay_values(
    tmp_path: Path, service: Service
) -> None:
    service.received.clear()
    service.answer = answers(202, b"ok")
    mine = bench(tmp_path, request(service.url))
    plan = await mine.plan("drain", queue="a/../b?c", why='"}')
    outcome = await mine.act(plan)
    assert outcome.word == "done" and plan.server == service.url, outcome.message
    ((method, path, headers, body),) = service.received
    assert (method, path) == ("POST", "/queues/a%2F..%2Fb%3Fc/drain")
    assert headers["Idempotency-Key"] == outcome.id and headers["Authorization"] == "Bearer canary"
    assert json.loads(body) == {"limit": 5, "why": ['"}', "x{why}"]}
    assert "canary" not in plan.model_dump_json() + mine.journal.path.read_text()
    with pytest.raises(ActionError, match="a dot is no part"):
        await mine.plan("drain", queue="..", why="x")


@pytest.mark.parametrize(
    ("answer", "word", "said"),
    [
        (answers(403, b"not you\x1b[2J"), "not applied", "answered 403: not you\\x1b[2J; it refused"),
        (answers(302, Location="http://127.0.0.1:1/"), "not applied", "answered 302"),
        (answers(500, b"oops"), "unknown", "answered 500: oops; it may have done it"),
        (answers(408), "unknown", "answered 408"),
        (cuts, "unknown", "is not known"),
        (trickles, "unknown", "is not known"),
    ],
    ids=["refused", "redirect", "broken", "late", "cut", "trickle"],
)
async def test_a_reply_is_taken_for_what_it_says_and_nothing_is_sent_twice(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch, answer: Any, word: str, said: str
) -> None:
    monkeypatch.setattr("services.actions.effects.http.CONNECT_S", 0.3)
    service.received.clear()
    service.answer = answer
    mine = bench(tmp_path, request(service.url))
    outcome = await mine.do("drain", queue="a", why="b")
    assert outcome.word == word and said in outcome.message, outcome.message
    assert outcome.id in outcome.remedy and len(service.received) == 1
    if word == "unknown":
        (settled,) = await settle(mine.profile, mine.journal, "bob")
        assert settled.word == "unknown" and len(service.received) == 1 and mine.journal.unsettled() == ()


async def test_what_was_never_sent_is_not_applied(tmp_path: Path) -> None:
    outcome = await bench(tmp_path, request("http://127.0.0.1:1")).do("drain", queue="a", why="b")
    assert outcome.word == "not applied" and "it was not sent" in outcome.remedy


async def test_a_request_that_was_answered_well_is_done_only_if_the_check_holds(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.check.WITHIN_S", 0.2)
    service.answer = answers(200)
    path = program(tmp_path, "check", "sys.exit(sys.argv[1] != 'good')")
    mine = bench(tmp_path, request(service.url, f'post_check = ["{path}", "{{queue}}"]'))
    assert (await mine.do("drain", queue="good", why="b")).word == "done"
    assert (await mine.do("drain", queue="bad", why="b")).word == "partial"
