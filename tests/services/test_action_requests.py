"""HTTP requests: sent once, and a lost reply stays unknown."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.actions.settle import settle
from services.errors import ActionError
from tests.outside import bench, program


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


def drips(handler: BaseHTTPRequestHandler) -> None:
    answers(200, b"", **{"Content-Length": "100000"})(handler)
    with contextlib.suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.02)


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
    monkeypatch.setattr("services.actions.effects.once.CONNECT_S", 0.3)
    service.received.clear()
    service.answer = answer
    mine = bench(tmp_path, request(service.url))
    outcome = await mine.do("drain", queue="a", why="b")
    assert outcome.word == word and said in outcome.message, outcome.message
    assert outcome.id in outcome.remedy and len(service.received) == 1
    assert await settle(mine.profile, mine.journal, "bob") == (), "there is nothing more to be found out"


async def test_an_answer_without_end_is_an_answer(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.once.BODY_S", 0.1)
    service.answer = drips
    assert (await bench(tmp_path, request(service.url)).do("drain", queue="a", why="b")).word == "done"


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


@pytest.mark.parametrize(
    ("before", "after"),
    [("?to=3", "?to=0"), ("limit = 5", "limit = 6"), ('post_check = ["true"]', 'post_check = ["false"]')],
)
async def test_what_the_preview_does_not_show_may_not_change_under_it_either(
    tmp_path: Path, service: Service, before: str, after: str
) -> None:
    service.received.clear()
    long = f'body = {{ pad = "{"x" * 500}", limit = 5 }}'
    action = request(service.url, 'post_check = ["true"]').replace("/drain", "/drain?to=3")
    action = action.replace('body = { limit = 5, why = ["{why}", "x{why}"] }', long)
    plan = await bench(tmp_path, action).plan("drain", queue="a", why="b")
    edited = bench(tmp_path, action.replace(before, after))
    outcome = await edited.act(plan)
    assert outcome.word == "not applied" and "no longer the previewed one" in outcome.message
    assert not service.received and "to=3" not in plan.model_dump_json()


@pytest.mark.parametrize("header", ["canary\u00e9", "canary\\nX: y"])
async def test_a_header_that_no_request_can_have_is_told_and_nothing_is_sent(
    tmp_path: Path, service: Service, header: str
) -> None:
    service.received.clear()
    mine = bench(tmp_path, request(service.url).replace("Bearer canary", header))
    outcome = await mine.do("drain", queue="a", why="b")
    assert "canary" not in outcome.model_dump_json()
    assert outcome.word == "not applied" and not service.received, outcome.message
    assert await settle(mine.profile, mine.journal, "bob") == ()
