"""Figures out of JSON documents: by their path, or unknown with where the path ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.clock import SystemClock
from services.errors import ConfigError, SourceError
from services.json_path import find, steps
from services.profile import Items, JsonSource, parse
from services.readings import NamedValues, Unknown
from services.sources import build
from services.sources.json import Document
from services.sources.json_items import of_list

SLO = {
    "availability": 0.9991,
    "p95_ms": "812.5",
    "healthy": True,
    "burn": None,
    "checked": "2026-11-21T08:00:00+01:00",
    "local": "2026-11-21T08:00:00",
    "endpoints": [{"name": "/a", "p95": 0.2}, {"name": "/b", "p95": 0.9, "codes": [200, 503]}],
    "alerts": [{"severity": "critical", "open": True}, {"severity": "warning"}, {"severity": "critical"}],
    "nested": {"deep": {"7": 3}},
    "huge": 10**400,
}


@pytest.mark.parametrize(
    ("path", "value", "unit"),
    [
        ("availability", 0.9991, ""),
        ("p95_ms", 812.5, ""),
        ("healthy", 1, ""),
        ("checked", 1795244400.0, "unix"),
        ("endpoints.1.p95", 0.9, ""),
        ("endpoints[name=/b].p95", 0.9, ""),
        ("endpoints[name=/b].codes.1", 503, ""),
        ("endpoints", 2, ""),
        ("alerts[severity=critical]", 2, ""),
        ("alerts[severity=critical][open=true]", 1, ""),
        ("alerts[severity=critical].1.open", None, "alerts[severity=critical].1 has no open"),
        ("alerts[severity=none]", 0, ""),
        ("nested.deep.7", 3, ""),
        (".", None, "the document is an object"),
        ("burn", None, "burn is null"),
        ("local", None, "a date without its time zone"),
        ("huge", None, "no finite number"),
        ("nested.deep", None, "nested.deep is an object"),
        ("alerts[severity=none].open", None, "alerts[severity=none] has no open"),
        ("endpoints.9.p95", None, "endpoints has no 9"),
        ("availability.x", None, "availability has no x"),
        ("nested[a=b]", None, "nested is no list"),
    ],
)
def test_a_path_leads_to_its_figure_or_tells_where_it_ends(path: str, value: float | None, unit: str) -> None:
    found, told = find(SLO, steps(path))
    if value is None:
        assert isinstance(found, Unknown) and unit in found.detail
    else:
        assert (found, told) == (value, unit)


def test_a_document_that_is_a_list_is_counted() -> None:
    assert find([1, 2, 3], steps(".")) == (3, "")
    assert find([{"a": 5}, {"a": 6}], steps("[a=6].a")) == (6, "")


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", "a[b]", "a[=c]", "a]", "[a=b"])
def test_what_is_no_path_is_refused_with_the_profile(path: str) -> None:
    text = f"""
        schema = 1
        name = "x"
        title = "X"
        [sources.slo]
        kind = "json"
        url = "http://127.0.0.1:1/slo"
        figures = {{ p95 = "{path}" }}"""
    with pytest.raises(ConfigError, match="path"):
        parse(text, "x.toml")


anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab1"), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(anything, st.lists(st.sampled_from(["a", "b", "1", "0", ("a", "1"), ("b", "true")]), max_size=4))
def test_no_document_and_no_path_make_it_stumble(document: Any, path: list[Any]) -> None:
    found, _ = find(document, path)
    assert not isinstance(found, float) or abs(found) < 1e301
    assert not isinstance(found, Unknown) or found.detail.isprintable()


@asynccontextmanager
async def answering(body: bytes, status: str = "200 OK") -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        allowed = b"authorization: Bearer t\r" in await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status if allowed else '401 x'}\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/slo?window=1h"
    finally:
        server.close()


async def fetch(url: str, token: str = "t", **spec: Any) -> NamedValues:
    headers = {"authorization": f"Bearer {token}"}
    source = Document("slo", JsonSource(kind="json", url=url, headers=headers, **{"timeout": 2.0, **spec}))
    try:
        return await source.fetch()
    finally:
        await source.close()


async def test_the_figures_of_a_document_are_fetched_as_the_profile_names_them() -> None:
    async with answering(json.dumps(SLO).encode()) as url:
        values = await fetch(
            url, figures={"slowest_s": "endpoints.1.p95", "critical_count": "alerts[severity=critical]", "no": "x"}
        )
        assert values.about == url.partition("?")[0]
        text = f"""
            schema = 1
            name = "x"
            title = "X"
            [sources.slo]
            kind = "json"
            url = "{url}"
            headers = {{ authorization = "Bearer t" }}
            figures = {{ checked_at = "checked" }}"""
        built = build(parse(text, "x.toml"), SystemClock())
        whole = await built.sources["slo"].fetch()
        await built.close()
    assert [(one.name, one.value, one.unit) for one in values.figures[:2]] == [
        ("slowest_s", 0.9, "s"),
        ("critical_count", 2, "count"),
    ]
    assert str(values.figures[2].value) == "no data yet: the document has no x"
    assert isinstance(whole, NamedValues) and whole.figures[0].value == 1795244400.0


@pytest.mark.parametrize(
    ("body", "status", "token", "kind", "words"),
    [
        (b"{}", "200 OK", "wrong", "denied", "answered 401"),
        (b'{"error": "db"}', "500 Oops", "t", "error", 'answered 500: {"error": "db"}'),
        (b"<html>\x1b", "200 OK", "t", "protocol", r"no JSON: <html>\x1b"),
        (b"[" * 100_000, "200 OK", "t", "protocol", "no JSON"),
        (b"9" * 5_000, "200 OK", "t", "protocol", "no JSON"),
        (b" " * 200_001, "200 OK", "t", "limit", "longer than 200,000 bytes"),
    ],
)
async def test_an_answer_that_is_no_document_is_a_fault(
    body: bytes, status: str, token: str, kind: str, words: str
) -> None:
    async with answering(body, status) as url:
        with pytest.raises(SourceError) as raised:
            await fetch(url, token, figures={"a": "a"}, max_bytes=200_000)
    assert raised.value.kind == kind and words in raised.value.message and raised.value.remedy


async def test_a_readiness_that_says_no_still_says_what_is_wrong() -> None:
    async with answering(b'{"checks": {"redis": {"ok": false}}}', "503 Service Unavailable") as url:
        headers = {"authorization": "Bearer t"}
        spec: dict[str, Any] = {"kind": "json", "url": url, "headers": headers, "figures": {"redis": "checks.redis.ok"}}
        with pytest.raises(SourceError, match="answered 503"):
            await Document("ready", JsonSource(**spec)).fetch()
        values = await Document("ready", JsonSource(**spec, also=(503,))).fetch()
    assert values.get("redis") == 0


def test_each_item_of_a_list_is_a_figure_told_apart_by_its_labels() -> None:
    denials = [
        {"at": "2026-11-21T08:00:00Z", "user": "eve", "path": "/api/admin", "why": "no role\x1b[2J"},
        {"at": "2026-11-21T08:01:00Z", "user": "eve", "path": "/api/admin"},
        {"user": "bob", "path": "/api/x"},
        "nonsense",
    ]
    asked = Items(list="events", value="at", labels=("user", "path"), note="why", most=3)
    figures = list(of_list({"events": denials}, "denied", asked))
    assert [figure.key for figure in figures] == [
        "denied_count",
        "denied{user=eve,path=/api/admin}",
        "denied{user=eve,path=/api/admin,again=2}",
        "denied{user=bob,path=/api/x}",
    ]
    assert figures[0].value == 4 and figures[1].unit == "unix" and figures[1].note == "no role\\x1b[2J"
    assert isinstance(figures[3].value, Unknown)
    (none,) = of_list({"events": {}}, "denied", asked)
    assert isinstance(none.value, Unknown)
