"""A real Alertmanager's alerts and silences, read together; and what is none, or floods."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator

import httpx
import pytest

from services.errors import SourceError
from services.figures import exists, figure
from services.profile import AlertmanagerSource
from services.readings import AlertmanagerValues, HeldAlert
from services.recording import decode, encode
from services.sources.alertmanager import Alertmanager, matchers
from tests.alertmanager import Manager, alertmanager


@pytest.fixture(scope="module")
def manager() -> Iterator[Manager]:
    with alertmanager() as found:
        yield found


async def fetch(url: str, **more: int) -> AlertmanagerValues:
    source = Alertmanager("am", AlertmanagerSource(kind="alertmanager", url=url, timeout=5.0, **more))  # type: ignore[arg-type]
    try:
        return await source.fetch()
    finally:
        await source.close()


async def test_what_fires_what_is_silenced_and_what_is_inhibited_are_told_apart(manager: Manager) -> None:
    manager.tell({"alertname": "Full", "severity": "page", "disk": "a\x1b[2J"}, summary="no room", runbook_url="r\n#x")
    manager.tell({"alertname": "Filling", "severity": "warn", "disk": "a\x1b[2J"}, {"alertname": "Slow", "db": "x"})
    for hours, name in ((0, "Slow"), (5, "Full")):
        silence(manager, hours, name)
    values = await fetch(manager.url)
    told = {alert.name: alert for alert in values.alerts}
    assert [(alert.name, alert.state) for alert in values.alerts] == [
        ("Full", "firing"),
        ("Filling", "suppressed"),
        ("Slow", "suppressed"),
    ]
    full, slow = told["Full"], told["Slow"]
    assert (full.severity, full.summary, full.runbook) == ("page", "no room", "r\\n#x")
    assert full.labels == (("disk", "a\\x1b[2J"),) and abs(time.time() - (full.since or 0)) < 60
    assert full.fingerprint == manager.fingerprint("Full")
    assert told["Filling"].inhibited and told["Filling"].silenced_by == () and not slow.inhibited
    active, pending = values.silences
    assert slow.silenced_by == (active.id,)
    assert (active.state, active.matchers, active.by) == ("active", 'alertname="Slow" db!~"y|z"', "bob")
    assert (pending.state, pending.comment) == ("pending", "a\\x1b[31m comment")
    assert active.ends_at and abs(active.ends_at - time.time() - 3600) < 60
    assert [figure(values, path) for path in ("firing", "suppressed", "silenced")] == [1, 2, 1]
    assert exists("alertmanager", "firing") and decode("alertmanager", encode(values)) == values


def silence(manager: Manager, begins_h: int, name: str) -> None:
    at = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600 * (begins_h + n))) for n in (0, 1)]
    of = [{"name": "alertname", "value": name, "isRegex": False}]
    of.append({"name": "db", "value": "y|z", "isRegex": True, "isEqual": False})  # type: ignore[dict-item]
    body = {"matchers": of, "startsAt": at[0], "endsAt": at[1], "createdBy": "bob", "comment": "a\x1b[31m comment"}
    httpx.post(f"{manager.url}/api/v2/silences", json=body).raise_for_status()


def test_matchers_are_written_as_its_own_page_writes_them() -> None:
    """An older one does not say whether it matches what is equal: it always does."""
    assert matchers([{"name": "a", "value": '"', "isRegex": True}, "odd"]) == 'a=~"\\""'
    assert matchers(None) == ""


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("200 OK", "<html>", "no JSON: <html>"),
        ("200 OK", "{}", "not what an Alertmanager gives"),
        ("200 OK", "[1]", "not what an Alertmanager gives"),
        ("500 x", "down", "answered 500: down"),
        ("302 x", "", "a redirect"),
    ],
)
async def test_what_is_no_alertmanager_is_a_fault(status: str, body: str, words: str) -> None:
    with pytest.raises(SourceError) as raised:
        await answered(body, status)
    assert words in raised.value.message


async def test_of_a_flood_all_are_counted_and_what_fires_is_kept() -> None:
    one = {"fingerprint": "f", "labels": {"alertname": "x"}, "status": {"state": "suppressed"}}
    firing = {"fingerprint": "g", "labels": {"alertname": "y"}, "status": {"state": "unprocessed"}}
    values = await answered(json.dumps([one] * 3000 + [firing]))
    assert (values.suppressed, values.firing, len(values.alerts)) == (3000, 1, 500)
    assert any(isinstance(alert, HeldAlert) and alert.name == "y" for alert in values.alerts)
    odd = await answered('[{"labels": [], "status": 3, "annotations": null, "startsAt": {}, "endsAt": 1}]')
    assert odd.alerts[0].since is None and odd.alerts[0].name == ""
    with pytest.raises(SourceError, match="longer than 100 bytes"):
        await answered(json.dumps([one] * 3), max_bytes=100)


async def answered(body: str, status: str = "200 OK", **more: int) -> AlertmanagerValues:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        return await fetch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", **more)
    finally:
        server.close()
