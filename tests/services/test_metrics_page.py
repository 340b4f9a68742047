"""Pages of metrics, held against the official parser: cold, warm, and broken in every way."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from services.metrics.keep import Keep
from services.metrics.page import MAX_KEPT, Reader, TooMuchError, UnreadableError
from services.metrics.selector import Selector
from services.readings import MetricFamily, MetricSample
from services.text import safe

EVERYTHING = Keep([], ["*"])

Told = list[tuple[str, tuple[tuple[str, str], ...], str]]


def told(samples: Iterable[MetricSample]) -> Told:
    """In an order of its own, and NaN as a word: it equals nothing."""
    return sorted((sample.name, sample.labels, repr(sample.value)) for sample in samples)


def by_oracle(page: str, openmetrics: bool = False) -> Told:
    families = parse_openmetrics(page) if openmetrics else parse_text(page)
    return sorted(
        (
            sample.name,
            tuple(sorted((name, safe(value)) for name, value in sample.labels.items())),
            repr(float(sample.value)),
        )
        for family in families
        for sample in family.samples
    )


names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["} ", '"} 5', "a\\b", "\\n", "\n", " # {", "# TYPE x counter", "\u2028", "\x85", "{", "=", ","]
)
numbers = (
    st.floats().map(repr)
    | st.integers(-(2**60), 2**60).map(str)
    | st.sampled_from(["NaN", "+Inf", "-Inf", "1e3", "+1.5"])
)
stamps = st.sampled_from(["", " 1395066363000", " -3"])


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


@st.composite
def lines(draw: st.DrawFn) -> str:
    name = draw(names)
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["", f"# HELP {name} some }} words", "# nothing {a} b", f"# TYPE {name} gauge"]))
    labels = draw(st.dictionaries(names, values, max_size=4))
    inside = ",".join(f'{label}="{escaped(value)}"' for label, value in labels.items())
    comma = "," if inside and draw(st.booleans()) else ""
    block = f"{{{inside}{comma}}}" if inside or draw(st.booleans()) else ""
    return f"{name}{block} {draw(numbers)}{draw(stamps)}"


@settings(max_examples=60, deadline=None)
@given(st.lists(lines(), min_size=1, max_size=20))
def test_every_page_reads_as_the_official_parser_reads_it_cold_and_warm(page: list[str]) -> None:
    text = "\n".join(page) + "\n"
    reader = Reader(EVERYTHING)
    expected = by_oracle(text)
    cold = reader.read(text.encode())
    assert told(cold.samples) == expected
    assert told(reader.read(text.encode()).samples) == expected
    assert cold.series == len(expected)


def exposed() -> CollectorRegistry:
    registry = CollectorRegistry()
    requests = Counter(
        "http_requests_total", 'With "quotes" and \\ and {braces} in\nits help.', ["path", "status"], registry=None
    )
    requests.labels('/a"}\\n {b}', "200").inc(3, exemplar={"trace_id": "KOO5S4vxi0o"})
    requests.labels("/a", "500").inc(0.5)
    times = Histogram("seconds", "h", ["path"], buckets=(0.1, 0.8, 5), registry=None)
    for seconds in (0.05, 0.7, 0.8, 99):
        times.labels("/a").observe(seconds, exemplar={"trace_id": '} 5 # {x="y"} 1'})
    odd = Gauge("odd", "g", ["is"], registry=None)
    for name, value in (("nan", math.nan), ("inf", math.inf), ("less", -math.inf)):
        odd.labels(name).set(value)
    for metric in (requests, times, odd):
        registry.register(metric)
    return registry


def test_what_the_official_client_exposes_is_read_back_in_both_formats() -> None:
    plain, openmetrics = generate_latest(exposed()), generate_openmetrics(exposed())
    reader = Reader(EVERYTHING)
    assert told(reader.read(plain).samples) == by_oracle(plain.decode())
    assert b" # {" in openmetrics
    for _ in range(2):
        assert told(reader.read(openmetrics, openmetrics=True).samples) == by_oracle(openmetrics.decode(), True)


@pytest.mark.parametrize(
    "page",
    [
        'a{x="1"} 5',  # no line feed behind it: the connection ended there
        'a{x="1"} 5\nb{y="2',
        'a{x="1"} \n',
        'a{x="1"}\n',
        "a\n",
        'a{x="1" 5\n',
        "a{x=1} 5\n",
        'a{x="1",x="2"} 5\n',
        'a{="1"} 5\n',
        "a five\n",
        "a 1_000\n",
        "a 5 6 7\n",
        '{x="1"} 5\n',
        "5 5\n",
        "<html>\n",
        "",
    ],
)
def test_a_page_that_is_cut_or_is_none_is_refused_as_a_whole(page: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        Reader(EVERYTHING).read(page.encode())
    assert str(raised.value).isprintable()


def test_every_cut_of_a_page_is_noticed_or_is_at_the_end_of_a_line() -> None:
    whole = generate_latest(exposed())
    reader = Reader(EVERYTHING)
    reader.read(whole)
    for at in range(1, len(whole)):
        if whole[at - 1 : at] != b"\n":
            with pytest.raises(UnreadableError):
                reader.read(whole[:at])


def test_openmetrics_without_its_end_was_cut_even_at_the_end_of_a_line() -> None:
    whole = generate_openmetrics(exposed())
    cut = whole[: whole.rindex(b"# EOF")]
    with pytest.raises(UnreadableError, match="# EOF"):
        Reader(EVERYTHING).read(cut, openmetrics=True)


def test_a_bad_value_is_told_with_its_line_when_the_series_is_known_too() -> None:
    reader = Reader(EVERYTHING)
    reader.read(b'a 1\nb{c="d"} 2\n')
    with pytest.raises(UnreadableError, match="line 2: 'x' is no number"):
        reader.read(b'a 1\nb{c="d"} x\n')


def test_hostile_labels_are_safe_to_show() -> None:
    page = Reader(EVERYTHING).read('a{b="\x1b[31m\u202e\r\x00",c="\\\\x1b"} 1\n'.encode())
    assert all(value.isprintable() for _, value in page.samples[0].labels)
    invalid = Reader(EVERYTHING).read(b'a{b="\xff\xfe"} 1\n')
    assert invalid.samples[0].labels == (("b", "\ufffd\ufffd"),)
    many = ",".join(f'l{n}="x"' for n in range(20_000))
    assert len(Reader(EVERYTHING).read(f"a{{{many}}} 1\n".encode()).samples[0].labels) == 20_000


ASKED = Keep([Selector(metric="r", match={"status": "~5.."}), Selector(metric="t_bucket"), Selector(metric="gone")])
KEPT = """# TYPE r counter
r{status="200"} 1
r{status="503",path="/"} 2
# TYPE t histogram
other{status="500"} 3
process_start_time_seconds 17
"""


def test_only_what_is_asked_for_is_kept_and_the_rest_is_counted() -> None:
    reader = Reader(ASKED)
    for _ in range(2):
        page = reader.read(KEPT.encode())
        assert told(page.samples) == [
            ("process_start_time_seconds", (), "17.0"),
            ("r", (("path", "/"), ("status", "503")), "2.0"),
        ]
        assert page.series == 4 and page.started_at == 17
        assert page.families == (
            MetricFamily("process_start_time_seconds", "", ()),
            MetricFamily("r", "counter", ("path", "status")),
            MetricFamily("t_bucket", "histogram", ()),  # declared, and nothing was observed yet
        )


def test_a_metric_whose_series_do_not_match_is_on_the_page_all_the_same() -> None:
    reader = Reader(ASKED)
    for _ in range(2):
        page = reader.read(b'r{status="200"} 1\n')
        assert page.samples == [] and [family.name for family in page.families] == ["r"]


def test_a_page_with_the_start_times_of_several_processes_has_none_of_its_own() -> None:
    text = b'process_start_time_seconds{pid="1"} 5\nprocess_start_time_seconds{pid="2"} 6\n'
    assert Reader(ASKED).read(text).started_at is None


def test_more_series_than_the_caps_allow_are_refused() -> None:
    page = "".join(f'a{{n="{n}"}} 1\n' for n in range(MAX_KEPT + 1)).encode()
    with pytest.raises(TooMuchError, match="ask for more than 5,000"):
        Reader(EVERYTHING).read(page)
    with pytest.raises(TooMuchError, match="more than 100 series"):
        Reader(ASKED, max_series=100).read(page)


def test_series_that_come_and_go_do_not_fill_the_memory() -> None:
    reader = Reader(ASKED)
    for scrape in range(10):
        reader.read("".join(f'a{{id="{scrape}-{n}"}} 1\n' for n in range(2000)).encode())
    assert len(reader._known) <= 3 * 2000 + 1000


def test_twenty_thousand_series_of_which_some_are_asked_for_read_as_the_official_parser_reads_those() -> None:
    def line(metric: str, n: int, value: float) -> str:
        return f'{metric}{{instance="host-{n % 40}:9100",path="/things/{n}",code="{200 + n % 4 * 100}"}} {value}'

    asked = Selector(metric="asked_total", match={"code": "~5.."})
    reader = Reader(Keep([asked]))
    for scrape in range(3):
        kept = [line("asked_total", n, n * scrape * 1.5) for n in range(2_000)]
        page = "\n".join([line(f"other_{n % 180}_total", n, n + scrape) for n in range(18_000)] + kept) + "\n"
        read = reader.read(page.encode())
        wanted = [one for one in by_oracle("\n".join(kept) + "\n") if dict(one[1])["code"] == "500"]
        assert (read.series, told(read.samples)) == (20_000, wanted)
