"""Redis as it really answers: with and without a password, over TLS, with a replica that goes; and ports that hang."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.clock import SystemClock
from services.errors import ConfigError, SourceError
from services.profile import RedisSource, TcpSource, parse
from services.readings import HealthValues, RedisValues, Unknown
from services.sources.redis import Redis
from services.sources.redis_info import values
from services.sources.tcp import Ports
from tests.certificates import issue
from tests.needs import needs

SECRET = "open sesame"
AUTHORITY = issue(organisation="Tests")


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@dataclass
class Server:
    """A redis-server that keeps nothing. Its options may begin with a file of settings."""

    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)

    def start(self) -> subprocess.Popen[bytes]:
        kept = ("--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        port = () if "--tls-port" in self.options else ("--port", str(self.port))
        argv = [needs("redis-server"), *self.options, *kept, *port]
        return subprocess.Popen(argv, stdout=subprocess.DEVNULL)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    process = server.start()
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1):
                break
        yield server
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It asks for a password, has a bound on memory, and a user who may do nothing but PING."""
    folder = tmp_path_factory.mktemp("redis")
    (folder / "redis.conf").write_text(
        f'requirepass "{SECRET}"\nmaxmemory 100mb\nmaxclients 64\nuser pinger on ">{SECRET}" +ping\n'
    )
    options = (str(folder / "redis.conf"), "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1")
    with running(Server(folder, options)) as server:
        yield server


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SHOP_REDIS", SECRET)
    return "SHOP_REDIS"


async def ask(address: str, **spec: Any) -> RedisValues:
    told = RedisSource(kind="redis", address=address, **{"timeout": 2.0, **spec})
    return await Redis("redis", told, SystemClock()).fetch()


async def refused(address: str, **spec: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        await ask(address, **spec)
    assert raised.value.remedy and SECRET not in str(raised.value)
    return raised.value


async def until(ready: Callable[[RedisValues], bool], address: str, **spec: Any) -> RedisValues:
    async with asyncio.timeout(10):
        while not ready(found := await ask(address, **spec)):
            await asyncio.sleep(0.02)
        return found


async def test_a_healthy_server_tells_its_figures(server: Server, secret: str) -> None:
    found = await ask(server.address, password_env=secret)
    assert found.role == "master" and found.version[0].isdigit()
    assert 0 < found.ping_s < 1 and 0 < found.connect_s < 1
    assert found.max_memory == 100 * 2**20 and isinstance(found.used_memory, int) and found.used_memory > 100_000
    assert isinstance(found.memory_share, float) and 0 < found.memory_share < 0.1
    assert (found.connected_clients, found.max_clients, found.clients_share) == (1, 64, 1 / 64)
    assert found.replicas == 0
    assert isinstance(found.lag_s, Unknown) and found.lag_s.why == "not configured"


async def test_the_password_may_come_from_a_program(server: Server) -> None:
    says = (sys.executable, "-c", f"print({SECRET!r}); print('not this')")
    assert (await ask(server.address, password_command=says)).role == "master"
    fails = await refused(server.address, password_command=(sys.executable, "-c", f"print({SECRET!r}); exit(3)"))
    assert fails.kind == "config" and "ended with 3" in fails.message


async def test_without_the_password_or_with_another_it_is_denied(
    server: Server, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = await refused(server.address)
    assert none.kind == "denied" and "NOAUTH" in none.message
    assert "SHOP_REDIS is not set" in (await _unset(server, secret, monkeypatch)).message
    monkeypatch.setenv(secret, "guess")
    wrong = await refused(server.address, password_env=secret)
    assert wrong.kind == "denied" and "WRONGPASS" in wrong.message and "guess" not in str(wrong)


async def _unset(server: Server, secret: str, monkeypatch: pytest.MonkeyPatch) -> SourceError:
    monkeypatch.delenv(secret)
    return await refused(server.address, password_env=secret)


async def test_who_may_only_ping_gets_a_latency_and_no_made_up_figures(server: Server, secret: str) -> None:
    found = await ask(server.address, user="pinger", password_env=secret)
    assert found.ping_s > 0 and found.role == ""
    for unknown in (found.used_memory, found.replicas, found.lag_s, found.memory_share):
        assert isinstance(unknown, Unknown) and unknown.why == "not permitted" and "+info" in unknown.detail


async def test_the_lag_of_a_replica_is_never_zero_when_it_is_gone(server: Server, secret: str, tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text(f'masterauth "{SECRET}"\nreplicaof 127.0.0.1 {server.port}\n')
    primary: dict[str, Any] = {"password_env": secret, "replicas": 1}
    with running(Server(tmp_path, (str(tmp_path / "redis.conf"),))) as replica:
        following = await until(lambda found: found.link_up == 1, replica.address)
        assert following.role == "slave" and isinstance(following.lag_s, int) and following.lag_s <= 3
        assert isinstance(following.lag_bytes, Unknown) and "only its primary" in following.lag_bytes.detail
        leading = await until(lambda found: found.replicas == 1, server.address, **primary)
        assert isinstance(leading.lag_s, int) and isinstance(leading.lag_bytes, int)
    gone = await until(lambda found: found.replicas == 0, server.address, **primary)
    assert (
        isinstance(gone.lag_s, Unknown)
        and gone.lag_s.detail == "0 of 1 replicas are connected" == gone.lag_bytes.detail
    )  # type: ignore[union-attr]


async def test_a_replica_that_never_found_its_primary_has_no_lag(tmp_path: Path) -> None:
    with running(Server(tmp_path, ("--replicaof", "127.0.0.1", "1"))) as alone:
        found = await ask(alone.address)
    assert (found.role, found.link_up) == ("slave", 0)
    assert isinstance(found.lag_s, Unknown) or found.lag_s > 0  # type: ignore[operator]
    assert isinstance(found.max_memory, Unknown) and found.max_memory.why == "not configured"


def test_a_link_that_is_down_counts_from_when_it_went() -> None:
    info = (
        "role:slave\r\nmaster_link_status:down\r\nmaster_last_io_seconds_ago:-1\r\nmaster_link_down_since_seconds:7\r\n"
    )
    found = values("a:1", info, 0.1, 0.1, 0)
    assert (found.link_up, found.lag_s) == (0, 7)
    never = values("a:1", info.replace(":7", ":-1"), 0.1, 0.1, 0)
    assert isinstance(never.lag_s, Unknown) and "lost its primary" in never.lag_s.detail


async def test_over_tls_its_certificate_is_verified(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    shown, key = issue(AUTHORITY).files(tmp_path, "redis")
    port = free_port()
    told = ("--tls-cert-file", str(shown), "--tls-key-file", str(key), "--tls-ca-cert-file", str(tmp_path / "ca.pem"))
    options = ("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", *told)
    with running(Server(tmp_path, options, port)) as secure:
        assert (await ask(secure.address, tls=True, ca_file=str(tmp_path / "ca.pem"))).role == "master"
        untrusted = await refused(secure.address, tls=True)
        assert untrusted.kind == "protocol" and "certificate is refused" in untrusted.message
        assert (await refused(secure.address)).kind in ("unreachable", "protocol")  # as if it spoke plain


@pytest.mark.parametrize(
    ("said", "kind", "word"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "protocol", "no answer of Redis"),
        (b"$99999999999\r\n", "protocol", "no answer of Redis"),
        (b"x" * 100_000, "protocol", "without an end"),
        (b"-LOADING \x1b[31m dataset\r\n", "error", "LOADING \\x1b[31m"),
        (b"-ERR max number of clients reached\r\n", "limit", "max number"),
        (b"", "unreachable", "cut"),
    ],
)
async def test_what_is_no_redis_or_a_busy_one_is_said_so(said: bytes, kind: str, word: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(said)
        writer.close()

    other = await asyncio.start_server(answer, "127.0.0.1", 0)
    found = await refused(f"127.0.0.1:{other.sockets[0].getsockname()[1]}")
    other.close()
    assert found.kind == kind and word in found.message and found.message.isprintable()


async def test_one_that_takes_connections_and_never_answers_is_given_up_by_redis_and_is_up_for_tcp() -> None:
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(8)
        at = f"127.0.0.1:{hole.getsockname()[1]}"
        started = time.monotonic()
        hung = await refused(at, timeout=0.3)
        assert hung.kind == "timeout" and time.monotonic() - started < 1.5
        closed = free_port()
        found = await ports(at, f"localhost:{closed}", "nowhere.invalid:1")
    up, down, unnamed = found.checks
    assert (up.path, up.ok, up.fault) == (at, True, None) and up.latency_s is not None and 0 < up.latency_s < 1
    assert not down.ok and down.latency_s is None and down.fault and down.fault.remedy
    assert unnamed.fault and "nowhere.invalid is not known" in unnamed.fault.message
    assert found.failing == 2


async def ports(*addresses: str) -> HealthValues:
    return await Ports("tcp", TcpSource(kind="tcp", addresses=addresses, timeout=2.0), SystemClock()).fetch()


async def test_when_no_port_takes_a_connection_the_source_fails() -> None:
    with pytest.raises(SourceError, match="connection refused") as raised:
        await ports(f"127.0.0.1:{free_port()}")
    assert raised.value.kind == "unreachable"


def test_a_password_in_the_profile_is_refused_and_not_repeated() -> None:
    text = 'schema = 1\nname = "a"\ntitle = "A"\n[sources.r]\nkind = "redis"\npassword_env = "hunter-2!"'
    with pytest.raises(ConfigError, match="the name of an environment variable") as raised:
        parse(text, "a.toml")
    assert "hunter" not in str(raised.value)
