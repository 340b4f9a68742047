"""Notices reach every channel once, in order, and what cannot be delivered is said."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.alerts import Alert, Alerts
from services.clock import SystemClock
from services.errors import ConfigError, DeliveryError
from services.notify import build
from services.notify.alertmanager import Standing
from services.notify.courier import Courier
from services.notify.message import Message, message
from services.outgoing import Outgoing
from services.profile import Profile, parse
from services.state import State, kept
from services.watching.notices import Notice
from services.watching.watch import Watch
from tests.clock import FakeClock
from tests.needs import needs

ALERT = Alert(
    rule="job-failure-rate",
    title="Job failure rate",
    state="firing",
    value=0.071,
    threshold="> 0.05",
    since=1000.0,
    severity="SEV2",
    level="page",
    runbook="mre#parser-failures",
    source="jobs",
    episode="e1",
    fired_at=1000.0,
    labels=(("type", "fuse"),),
)
FIRES = Notice("e1 fires", 1000.0, "fires", "SEV2 Job failure rate", "7.1 % > 5 %", ALERT)


def profile_with(notify: str) -> Profile:
    return parse(
        'schema = 1\nname = "shop"\ntitle = "Shop"\n[environment]\nname = "staging"\n'
        '[sources.api]\nkind = "http"\nurl = "http://127.0.0.1:1"\npaths = ["/"]\n' + notify,
        "test",
    )


class Marks:
    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def known(self, notice: str, channel: str) -> bool:
        return (notice, channel) in self.found

    def mark(self, notice: str, channel: str) -> None:
        self.found.append((notice, channel))


class Inbox:
    """An HTTP server that keeps what it is sent, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], Any]] = []
        self.answers: list[int] = []
        self.url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.got.append((head[0], headers, json.loads(body)))
        status = self.answers.pop(0) if self.answers else 200
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 4\r\nconnection: close\r\n\r\nword".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    box = Inbox()
    server = await asyncio.start_server(box._serve, "127.0.0.1", 0)
    box.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield box
    server.close()


@asynccontextmanager
async def delivering(profile: Profile, clock: Any, marks: Marks, said: list[str]) -> AsyncIterator[Courier]:
    courier = Courier(profile, clock, marks, said.append)
    task = asyncio.create_task(courier.run())
    yield courier
    task.cancel()


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_webhook_is_tried_again_until_it_takes_the_notice_and_then_never_again(inbox: Inbox) -> None:
    inbox.answers = [500, 503]
    profile = profile_with(f'[notify.hook]\nkind = "webhook"\nurl = "{inbox.url}"\nheaders = {{ x-key = "k" }}\n')
    clock, marks, said = FakeClock(), Marks(), list[str]()
    async with delivering(profile, clock, marks, said) as courier:
        courier.tell([FIRES])
        for tries in (1, 2):
            await until(lambda tries=tries: len(said) == tries)
            await clock.advance(float(tries))
        await until(lambda: marks.found)
        courier.tell([FIRES])  # as after a restart
        courier.tell([replace(FIRES, id="e1 resolves", word="resolves")])
        await until(lambda: len(marks.found) == 2)
    assert [sent[2]["word"] for sent in inbox.got] == ["fires", "fires", "fires", "resolves"]
    line, headers, data = inbox.got[0]
    assert (line, headers["x-key"], headers["idempotency-key"]) == ("POST /hook HTTP/1.1", "k", "e1 fires")
    assert (data["alert"]["key"], data["alert"]["value"]) == ("job-failure-rate{type=fuse}", 0.071)
    assert "answered 500: word" in said[0]


async def test_a_channel_that_never_takes_it_is_given_up_and_said_and_the_next_notice_goes_out(inbox: Inbox) -> None:
    inbox.answers = [500, 500]
    profile = profile_with(f'[notify.hook]\nkind = "webhook"\nurl = "{inbox.url}"\ntries = 2\n')
    clock, marks, said = FakeClock(), Marks(), list[str]()
    async with delivering(profile, clock, marks, said) as courier:
        courier.tell([FIRES, replace(FIRES, id="e2 fires")])
        await until(lambda: said)
        await clock.advance(1.0)
        await until(lambda: marks.found)
    assert marks.found == [("e2 fires", "hook")]
    assert said[-1].endswith("given up: [staging] fires: SEV2 Job failure rate")


async def test_a_channel_gets_only_the_severities_and_words_it_asks_for(tmp_path: Path) -> None:
    file = tmp_path / "notices.jsonl"
    profile = profile_with(
        f'[notify.log]\nkind = "jsonl"\npath = "{file}"\nseverities = ["SEV1", "SEV2"]\nwords = ["fires", "summary"]\n'
    )
    async with delivering(profile, SystemClock(), marks := Marks(), []) as courier:
        minor = replace(ALERT, severity="SEV4")
        courier.tell([replace(FIRES, id="minor", alert=minor), replace(FIRES, id="over", word="resolves"), FIRES])
        courier.tell([Notice("s", 1001.0, "summary", "Maintenance ended", "2 fired, 1 resolved")])
        await until(lambda: len(marks.found) == 2)
        await courier.drain()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["id"] for line in lines] == ["e1 fires", "s"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    profile = profile_with(f'[notify.log]\nkind = "jsonl"\npath = "{tmp_path}"\n')
    with pytest.raises(DeliveryError, match=f"log: {tmp_path} cannot be written"):
        await build(profile)["log"].send(message(FIRES, profile))


class Slow:
    """A channel that takes notices only when it is let."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open = asyncio.Event()
        self.got: list[str] = []

    async def send(self, message: Message) -> None:
        await self.open.wait()
        self.got.append(message.id)


async def test_a_storm_arrives_in_order_and_a_channel_that_hangs_holds_up_no_other() -> None:
    profile = profile_with('[notify.hangs]\nkind = "bell"\n[notify.goes]\nkind = "bell"\ntries = 1\n')
    hangs, goes, marks, said, clock = Slow("hangs"), Slow("goes"), Marks(), list[str](), FakeClock()
    goes.open.set()
    storm = [replace(FIRES, id=f"e{number}") for number in range(600)]
    courier = Courier(profile, clock, marks, said.append, {"hangs": hangs, "goes": goes})
    task = asyncio.create_task(courier.run())
    for some in (storm[:200], storm[200:400], storm[400:]):
        courier.tell(some)
        await until(lambda some=some: goes.got[-1:] == [some[-1].id])
    assert goes.got == [one.id for one in storm]
    assert [line[:46] for line in said] == ["notify.hangs: 500 notices wait; this one is dr"] * 99  # one is under way
    hangs.open.set()
    await until(lambda: len(hangs.got) == 501)
    assert hangs.got == [one.id for one in storm[:501]]
    task.cancel()


async def test_what_waits_at_the_end_has_a_moment_and_the_rest_comes_once_after_the_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each channel gets each notice once, over two runs of the console."""
    file = tmp_path / "state.sqlite"
    profile = profile_with('[notify.hangs]\nkind = "bell"\n[notify.goes]\nkind = "bell"\n')
    hangs, goes = Slow("hangs"), Slow("goes")
    monkeypatch.setattr("services.notify.courier.END_S", 0.3)
    monkeypatch.setattr("services.notify.courier.build", lambda profile: {"hangs": hangs, "goes": goes})
    notices_ = [replace(FIRES, id=f"e{number}", at=SystemClock().wall()) for number in range(3)]

    async def run(tell: Sequence[Notice], let: Slow) -> None:
        state = State.open(file)
        watch = Watch(profile, SystemClock())
        watch.restore(state)
        outgoing = Outgoing(profile, SystemClock(), watch, print)
        task = asyncio.create_task(outgoing.run())
        state.keep(kept.notices(tell))
        for notice in (*state.saved.notices, *tell):  # as Telling does it
            watch._telling.hear((notice,))
        let.open.set()
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        state.close()

    await run(notices_, goes)
    assert (goes.got, hangs.got) == (["e0", "e1", "e2"], [])
    await run([], hangs)
    assert goes.got == hangs.got == ["e0", "e1", "e2"]


@asynccontextmanager
async def smtp() -> AsyncIterator[tuple[int, list[str]]]:
    """As much of an SMTP server as takes a mail."""
    mails: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        async for line in reader:
            word = line.split()[0].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                mails.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            refused = word == b"RCPT" and b"nobody" in line
            writer.write(b"550 no such person\r\n" if refused else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], mails
    server.close()


async def test_a_mail_says_what_fires_and_where_help_is() -> None:
    async with smtp() as (port, mails):
        table = (
            f'[notify.mail]\nkind = "email"\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "w@x.org"\n'
        )
        profile = profile_with(f'{table}to = ["ops@x.org", "nobody@x.org"]\n')
        with pytest.raises(DeliveryError, match=r"refused nobody@x\.org"):
            await build(profile)["mail"].send(message(FIRES, profile))
    assert "Subject: [staging] fires: SEV2 Job failure rate" in mails[0]
    assert "runbook: mre#parser-failures" in mails[0]


def test_a_password_is_never_sent_in_clear() -> None:
    table = '[notify.mail]\nkind = "email"\nhost = "h"\nsecurity = "none"\nsender = "a"\nto = ["b"]\nuser = "u"\n'
    with pytest.raises(ConfigError, match=r"\[notify.mail\].*password"):
        profile_with(table)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise imports what Python 3.13 has no more
async def test_apprise_carries_it_further(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = profile_with('[notify.all]\nkind = "apprise"\nurls_env = "SHOP_URLS"\n')
    with pytest.raises(DeliveryError, match="SHOP_URLS holds no apprise URL"):
        await build(profile)["all"].send(message(FIRES, profile))
    monkeypatch.setenv("SHOP_URLS", inbox.url.replace("http://", "json://"))
    await build(profile)["all"].send(message(FIRES, profile))
    assert inbox.got[0][2]["title"] == "[staging] fires: SEV2 Job failure rate"


async def test_alertmanager_holds_what_fires_until_it_ends(tmp_path: Path) -> None:
    import httpx

    program = needs("prometheus-alertmanager")
    (tmp_path / "a.yml").write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
    port = free_port()
    arguments = [f"--config.file={tmp_path / 'a.yml'}", f"--storage.path={tmp_path}", "--cluster.listen-address="]
    listen = f"--web.listen-address=127.0.0.1:{port}"
    process = await asyncio.create_subprocess_exec(
        program, *arguments, listen, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await until(lambda: answers(f"{url}/-/ready"))
        profile = profile_with(f'[notify.am]\nkind = "alertmanager"\nurl = "{url}"\nlabels = {{ team = "ops" }}\n')
        firing = [replace(ALERT, fired_at=SystemClock().wall() - 60)]
        alerts = lambda: Alerts({alert.key: alert for alert in firing})  # noqa: E731
        standing = Standing("am", profile.notify["am"], profile, SystemClock(), alerts, print)  # type: ignore[arg-type]
        await standing.tell()
        (there,) = httpx.get(f"{url}/api/v2/alerts").json()
        assert there["labels"] | {"alertname": "job-failure-rate", "type": "fuse", "team": "ops"} == there["labels"]
        assert there["annotations"]["runbook"] == "mre#parser-failures"
        firing.clear()
        await standing.tell()
        await until(lambda: httpx.get(f"{url}/api/v2/alerts").json() == [])
    finally:
        process.terminate()
        await process.wait()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    import httpx

    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False


def test_a_test_notice_tells_which_channel_takes_it(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tui.__main__ import root

    file = tmp_path / "p.toml"
    file.write_text(
        'schema = 1\nname = "shop"\ntitle = "Shop"\n[sources.api]\nkind = "http"\nurl = "http://127.0.0.1:1"\n'
        f'paths = ["/"]\n[notify.log]\nkind = "jsonl"\npath = "{tmp_path}/n.jsonl"\n'
        '[notify.hook]\nkind = "webhook"\nurl = "http://127.0.0.1:1/"\n'
    )
    told = CliRunner().invoke(root, ["--profile", str(file), "notify"])
    assert (told.exit_code, "● log: taken" in told.output, "✖ hook: notify.hook: 127.0.0.1" in told.output) == (
        1,
        True,
        True,
    )
    assert json.loads((tmp_path / "n.jsonl").read_text())["title"] == "a test"


def test_a_notice_leads_to_the_runbook_where_people_without_a_console_have_it() -> None:
    place = '[runbook]\nurl = "https://wiki.example/shop"\n'
    own = replace(FIRES, alert=replace(ALERT, runbook="shop#parser-failures"))
    told = message(own, profile_with(place))
    assert "runbook: https://wiki.example/shop#parser-failures" in told.text
    assert told.data["alert"]["runbook_url"] == "https://wiki.example/shop#parser-failures"
    elsewhere = message(FIRES, profile_with(place))  # another runbook than this profile's
    assert "runbook: mre#parser-failures" in elsewhere.text and elsewhere.data["alert"]["runbook_url"] == ""
