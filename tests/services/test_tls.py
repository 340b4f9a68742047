"""Certificates of real servers: good, ended, nobody's and somebody else's; their dates are read all the same."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock import SystemClock
from services.errors import ConfigError, SourceError
from services.figures import figure
from services.profile import TlsSource, parse
from services.readings import Certificate, TlsValues, Unknown
from services.sources import tls_certificate
from services.sources.tls import Certificates
from tests.certificates import Issued, issue, showing

AUTHORITY = issue(days=3650, organisation="Tests")
GOOD = issue(AUTHORITY, days=30)


async def look(*addresses: str, **spec: Any) -> TlsValues:
    source = Certificates("tls", TlsSource(kind="tls", addresses=addresses, **{"timeout": 2.0, **spec}), SystemClock())
    try:
        return await source.fetch()
    finally:
        await source.close()


async def shown(folder: Path, issued: Issued, **spec: Any) -> Certificate:
    """What is told of one, where our authority is trusted."""
    (folder / "ca.pem").write_bytes(AUTHORITY.pem)
    async with showing(folder, one=issued) as at:
        return (await look(at, **{"ca_file": str(folder / "ca.pem"), **spec})).certificates[0]


async def test_a_good_certificate_has_its_days_its_names_and_is_trusted(tmp_path: Path) -> None:
    one = await shown(tmp_path, GOOD)
    assert one.days_left == pytest.approx(30, abs=0.01) and one.trusted == 1 and one.said == ""
    assert one.subject == "CN=watchdeck tests, O=Example" and one.issuer == "CN=watchdeck tests, O=Tests"
    assert one.not_after == GOOD.certificate.not_valid_after_utc.timestamp()


async def test_one_that_has_ended_is_refused_and_still_tells_when_it_did(tmp_path: Path) -> None:
    one = await shown(tmp_path, issue(AUTHORITY, days=-3))
    assert one.days_left == pytest.approx(-3, abs=0.01)
    assert (one.trusted, one.said) == (0, "certificate has expired")


async def test_one_that_nobody_trusted_signed_and_one_of_another_name_are_refused_for_that(tmp_path: Path) -> None:
    nobodys = await shown(tmp_path, GOOD, ca_file="")
    assert nobodys.trusted == 0 and "issuer" in nobodys.said and nobodys.days_left == pytest.approx(30, abs=0.01)
    others = await shown(tmp_path, issue(AUTHORITY, days=9, name="other.example"))
    assert others.trusted == 0 and "127.0.0.1" in others.said and others.days_left == pytest.approx(9, abs=0.01)


async def test_the_name_that_is_asked_for_chooses_the_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(AUTHORITY.pem)
    named = issue(AUTHORITY, days=7, name="api.example")
    async with showing(tmp_path, default=GOOD, api_example=named) as at:
        values = await look(at, server_name="api.example", ca_file=str(tmp_path / "ca.pem"))
    one = values.certificates[0]
    assert one.trusted == 1 and one.days_left == pytest.approx(7, abs=0.01)


async def test_the_soonest_is_told_and_what_could_not_be_read_is_counted_and_never_a_number(tmp_path: Path) -> None:
    async with showing(tmp_path, a=GOOD) as a, showing(tmp_path, b=issue(days=5)) as b:
        values = await look(a, f"https://{b}/path", "127.0.0.1:1")
        assert values.soonest_days == pytest.approx(5, abs=0.01)
        assert (values.unread, values.refused) == (1, 2)
        assert figure(values, f"certificates.{a}.days_left") == pytest.approx(30, abs=0.01)
    gone = figure(values, "certificates.127.0.0.1:1.days_left")
    assert isinstance(gone, Unknown) and "connection refused" in gone.detail
    assert isinstance(figure(values, "certificates.127.0.0.1:1.trusted"), Unknown)


async def test_only_when_no_address_shows_one_the_source_fails() -> None:
    with pytest.raises(SourceError, match=r"connection refused \(and 1 more") as raised:
        await look("127.0.0.1:1", "127.0.0.1:2")
    assert raised.value.kind == "unreachable" and raised.value.remedy


async def test_what_hangs_is_given_up_and_what_speaks_no_tls_is_said_to() -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(8)
        started = time.monotonic()
        with pytest.raises(SourceError) as hung:
            await look(f"127.0.0.1:{hole.getsockname()[1]}", timeout=0.3)
        assert time.monotonic() - started < 1.5 and hung.value.kind == "timeout"
    with pytest.raises(SourceError) as foreign:
        await look(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()
    assert foreign.value.kind == "protocol" and "no TLS" in foreign.value.message


async def test_an_authority_that_cannot_be_read_is_the_profiles_fault(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        if content:
            (tmp_path / "ca.pem").write_text(content)
        with pytest.raises(SourceError, match=r"ca\.pem: ") as raised:
            await look("127.0.0.1:1", ca_file=str(tmp_path / "ca.pem"))
        assert raised.value.kind == "config"


def test_an_address_that_is_none_is_told_with_the_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'schema = 1\nname = "a"\ntitle = "A"\n[sources.t]\nkind = "tls"\naddresses = ["${WATCHDECK_T}"]'
    monkeypatch.setenv("WATCHDECK_T", "https://[::1]:8443/x")
    assert parse(text, "a.toml").sources["t"].addresses == ("https://[::1]:8443/x",)  # type: ignore[union-attr]
    for wrong in ("host:port", "", "ftp://"):
        monkeypatch.setenv("WATCHDECK_T", wrong or "//")
        with pytest.raises(ConfigError, match=r"\[sources\.t\] addresses: .*an address is host:port"):
            parse(text, "a.toml")


@pytest.mark.parametrize("year", [1999, 2049, 2051])
def test_dates_and_names_are_read_as_the_reference_reads_them(year: int) -> None:
    begins = datetime(1951, 2, 3, 4, 5, 6, tzinfo=UTC)
    days = (datetime(year, 12, 31, tzinfo=UTC) - datetime.now(UTC)).total_seconds() / 86_400
    one = issue(AUTHORITY, days=days, name="name\x1b.example", organisation="Zoë\x1b[31m", begins=begins)
    found = tls_certificate.read(one.der)
    assert found.not_before == one.certificate.not_valid_before_utc.timestamp()
    assert found.not_after == one.certificate.not_valid_after_utc.timestamp()
    assert found.subject == "CN=name\\x1b.example, O=Zoë\\x1b[31m"


@given(st.data())
def test_bytes_that_are_no_certificate_are_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    der = bytearray(GOOD.der)
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, 300))] = data.draw(st.integers(0, 255))
    cut = bytes(der[: data.draw(st.integers(0, len(der)))])
    for broken in (bytes(der), cut):
        with contextlib.suppress(ValueError):
            tls_certificate.read(broken)
