"""Increases, ratios and quantiles over windows, held against plain and slow definitions of them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.match import matcher
from services.metrics.measure import Measure
from services.metrics.samples import Samples
from services.metrics.scrapes import Scrapes
from services.metrics.selector import Selector
from services.readings import AtLeast, MetricFamily, MetricSample, MetricsValues, Reading, Unknown, number

Series = tuple[str, tuple[tuple[str, str], ...]]
Page = Mapping[Series, float]

REQUESTS = Selector(metric="requests")
FAILED = Selector(metric="requests", match={"status": "~5.."})
SECONDS = Selector(metric="seconds")


def requests(**by_status: float) -> Page:
    """A counter by status: `requests(s200=5)`."""
    return {("requests", (("status", status[1:]),)): value for status, value in by_status.items()}


def seconds(path: str = "/", **buckets: float) -> Page:
    """A histogram by its bounds: `seconds(b0_1=5, inf=7)`."""
    bounds = {"+Inf" if name == "inf" else name[1:].replace("_", "."): value for name, value in buckets.items()}
    return {("seconds_bucket", (("le", bound), ("path", path))): value for bound, value in bounds.items()}


def values(page: Page, started_at: float | None = 1.0, also: Sequence[str] = ()) -> MetricsValues:
    names = {name: {label for told, labels in page if told == name for label, _ in labels} for name, _ in page}
    return MetricsValues(
        "http://x/metrics",
        tuple(MetricSample(name, labels, value) for (name, labels), value in page.items()),
        tuple(MetricFamily(name, "", tuple(sorted(names.get(name, ())))) for name in {*names, *also}),
        started_at,
        len(page),
        0,
    )


def samples(*pages: Page, every: float = 60.0, starts: Sequence[float | None] = ()) -> Samples:
    """One scrape a minute, the last of them now: at 0."""
    found = Samples()
    for at, page in enumerate(pages):
        mono = (at + 1 - len(pages)) * every
        found.append(Reading("api", 0.0, mono, 0.0, every, values(page, starts[at] if starts else 1.0)))
    return found


def one(found: tuple[Measure, ...]) -> Measure:
    (measure,) = found
    return measure


def reason(measure: Measure) -> str:
    assert isinstance(measure.value, Unknown) and measure.events == measure.value
    return str(measure.value)


# ---- what was seen of one counter ----------------------------------------------------------------------------------


def test_an_increase_is_the_sum_over_series_each_by_itself() -> None:
    found = samples(requests(s200=100, s500=7), requests(s200=150, s500=9), requests(s200=160, s500=9))
    assert one(found.increase("api", REQUESTS, 120, 0)) == Measure((), 62, 62, 1.0, 3, 120.0)
    assert one(found.increase("api", FAILED, 60, 0)).value == 0
    assert one(found.rate("api", REQUESTS, 120, 0)).value == pytest.approx(62 / 120)
    assert one(found.ratio("api", FAILED, REQUESTS, 120, 0)) == Measure((), 2 / 62, 62, 1.0, 3, 120.0)


def test_a_counter_that_fell_began_again_at_zero() -> None:
    found = samples(requests(s200=100, s500=10), requests(s200=130, s500=11), requests(s200=5, s500=2))
    assert one(found.increase("api", REQUESTS, 120, 0)).value == 30 + 5 + 1 + 2


def test_a_restart_is_told_by_the_start_time_where_the_counter_has_passed_its_old_value() -> None:
    pages = requests(s200=10), requests(s200=50)
    assert one(samples(*pages, starts=(100.0, 130.0)).increase("api", REQUESTS, 60, 0)).value == 50
    assert one(samples(*pages, starts=(100.0, 100.4)).increase("api", REQUESTS, 60, 0)).value == 40
    assert one(samples(*pages, starts=(100.0, None)).increase("api", REQUESTS, 60, 0)).value == 40


def test_a_restart_counts_for_a_series_that_came_back_later() -> None:
    found = samples(requests(s200=1, s500=10), requests(s200=1), requests(s200=2, s500=30), starts=(1.0, 90.0, 90.0))
    assert one(found.increase("api", FAILED, 120, 0)).value == 30


def test_a_series_first_seen_after_a_good_scrape_began_at_zero() -> None:
    found = samples(requests(s200=100), requests(s200=100, s503=4))
    assert one(found.ratio("api", FAILED, REQUESTS, 60, 0)).value == 1.0
    assert one(samples(requests(s503=4), requests(s503=4)).increase("api", FAILED, 60, 0)).value == 0


def test_a_start_time_that_goes_back_means_several_processes_and_no_figure() -> None:
    found = samples(requests(s200=1), requests(s200=900), requests(s200=2), requests(s200=3), starts=(50, 90, 50, 50))
    assert "several processes" in reason(one(found.increase("api", REQUESTS, 180, 0)))
    assert one(found.increase("api", REQUESTS, 60, 0)).value == 1


# ---- what is not known ---------------------------------------------------------------------------------------------


def test_nothing_is_known_before_the_second_scrape_or_of_another_source() -> None:
    assert "it takes two" in reason(one(samples(requests(s200=1)).increase("api", REQUESTS, 300, 0)))
    assert reason(one(samples(requests(s200=1)).increase("web", REQUESTS, 300, 0))) == "no data yet"
    found = samples(requests(s200=1), requests(s200=1))
    assert "no scrape in" in reason(one(found.increase("api", REQUESTS, 300, 3000)))


def test_a_metric_that_is_not_on_the_page_is_not_zero() -> None:
    found = samples(requests(s200=1), requests(s200=2))
    assert "errors is not on the page" in reason(one(found.increase("api", Selector(metric="errors"), 60, 0)))
    gone = samples(requests(s200=1), requests(s200=2), {})
    assert "not on the page" in reason(one(gone.increase("api", REQUESTS, 120, 0)))
    assert isinstance(one(found.ratio("api", Selector(metric="errors"), REQUESTS, 60, 0, ["status"])).value, Unknown)


def test_a_label_that_no_series_has_is_not_zero() -> None:
    found = samples(requests(s200=1), requests(s200=2))
    wrong = Selector(metric="requests", match={"code": "~5.."})
    assert "no series of requests has a label code" in reason(one(found.increase("api", wrong, 60, 0)))
    without = Selector(metric="requests", match={"code": "!500"})
    assert one(found.increase("api", without, 60, 0)).value == 1


def test_a_declared_metric_without_series_has_counted_nothing() -> None:
    found = Samples()
    for mono in (0.0, 60.0):
        found.append(Reading("api", 0.0, mono, 0.0, 60.0, values({}, also=["requests"])))
    assert one(found.increase("api", FAILED, 60, 60)).value == 0
    assert "nothing was counted" in str(one(found.ratio("api", FAILED, REQUESTS, 60, 60)).value)


def test_what_is_no_number_makes_its_group_unknown_until_it_is_one_again() -> None:
    pages = [requests(s200=1, s500=1), requests(s200=2, s500=math.nan)]
    found = samples(*pages)
    by_status = {each.labels[0][1]: each.value for each in found.increase("api", REQUESTS, 60, 0, ["status"])}
    assert by_status["200"] == 1 and "no number" in str(by_status["500"])
    assert "no number" in reason(one(found.increase("api", REQUESTS, 60, 0)))
    again = samples(*pages, requests(s200=2, s500=5))
    assert one(again.increase("api", REQUESTS, 120, 0)).value == 5


def test_failed_polls_leave_no_trace_and_the_coverage_tells_of_the_gap() -> None:
    found = Samples()
    for mono, page in ((0.0, requests(s200=0)), (60.0, requests(s200=6)), (300.0, requests(s200=30))):
        found.append(Reading("api", 0.0, mono, 0.0, 60.0, values(page)))
    inside = one(found.increase("api", REQUESTS, 300, 300))
    assert (inside.value, inside.coverage, inside.scrapes) == (30, 1.0, 3)
    late = one(found.increase("api", REQUESTS, 300, 420))
    assert (late.value, late.coverage) == (30 - 6, pytest.approx(180 / 300))  # what came before 120 is too old


# ---- groups --------------------------------------------------------------------------------------------------------


def test_each_group_has_its_own_answer_and_a_share_of_nothing_bad_is_zero() -> None:
    def page(a: float, b: float) -> Page:
        return {("requests", (("service", "a"), ("status", "200"))): a, ("requests", (("status", "200"),)): b}

    found = samples(page(0, 0), page(30, 0))
    shares = found.ratio("api", FAILED, REQUESTS, 60, 0, ["service"])
    assert [(each.labels, each.events) for each in shares] == [((("service", "a"),), 30), ((("service", ""),), 0)]
    assert shares[0].value == 0 and "nothing was counted" in str(shares[1].value)
    assert "has no series that match" in reason(one(found.increase("api", FAILED, 60, 0, ["service"])))


def test_a_group_whose_series_have_gone_before_the_window_is_no_group_any_more() -> None:
    pages = [requests(s200=1, s404=1), *(requests(s200=n) for n in range(2, 6))]
    found = samples(*pages)
    assert {each.labels[0][1] for each in found.increase("api", REQUESTS, 240, 0, ["status"])} == {"200", "404"}
    assert {each.labels[0][1] for each in found.increase("api", REQUESTS, 120, 0, ["status"])} == {"200"}


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("500", "500", "5000"),
        ("~5..", "503", "1503"),
        ("!500", "200", "500"),
        ("!~5..", "200", "500"),
        ("=~x", "~x", "x"),
        ("", "", "x"),
        ("~a|b", "b", "ab"),
    ],
)
def test_conditions_on_labels(text: str, yes: str, no: str) -> None:
    assert matcher({"l": text})((("l", yes),))
    assert not matcher({"l": text})((("l", no),))


def test_a_pattern_that_is_none_is_refused_with_its_label() -> None:
    with pytest.raises(ValueError, match=r"status: '~\[' is not a pattern"):
        Selector(metric="a", match={"status": "~["})


# ---- histograms ----------------------------------------------------------------------------------------------------


def test_a_quantile_is_interpolated_within_its_bucket() -> None:
    found = samples(seconds(b0_1=0, b1=0, inf=0), seconds(b0_1=50, b1=90, inf=100))
    assert one(found.quantile("api", SECONDS, 0.5, 60, 0)).value == pytest.approx(0.1)
    half_way = one(found.quantile("api", SECONDS, 0.7, 60, 0))
    assert half_way == Measure((), pytest.approx(0.1 + 0.9 * 0.5), 100, 1.0, 2, 60.0)
    assert one(found.quantile("api", SECONDS, 0.95, 60, 0)).value == AtLeast(1.0)
    assert one(found.share_above("api", SECONDS, 0.1, 60, 0)).value == pytest.approx(0.5)
    assert "no bucket ends at 0.8; they end at 0.1, 1" in str(one(found.share_above("api", SECONDS, 0.8, 60, 0)).value)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (seconds(b1=5, inf=9), seconds(b1=5, inf=9), "nothing was counted"),
        (seconds(b1=0), seconds(b1=5), r"no bucket \+Inf"),
        (seconds(inf=0), seconds(inf=5), r"no bucket but \+Inf"),
        (seconds(b1=0, inf=0), {**seconds(b1=5, inf=5), **seconds("/b", b2=5, inf=5)}, "mixed layouts"),
        (seconds(b1=0, b2=0, inf=0), seconds(b1=1, inf=5), "has gone from the page"),
        (seconds(b1=0, inf=0), seconds(b1=math.nan, inf=5), "no number"),
        (seconds(b1=0, b1_0=0, inf=0), seconds(b1=1, b1_0=1, inf=5), "two buckets up to 1"),
        (seconds(bx=0, inf=0), seconds(bx=1, inf=5), "no bound"),
    ],
)
def test_a_histogram_that_cannot_be_trusted_has_no_quantile(before: Page, after: Page, why: str) -> None:
    for found in (
        samples(before, after).quantile("api", SECONDS, 0.95, 60, 0),
        samples(before, after).share_above("api", SECONDS, 1, 60, 0) if "but" not in why else (),
    ):
        for measure in found:
            assert isinstance(measure.value, Unknown)
            assert measure.value.detail and re.search(why, measure.value.detail)


def test_buckets_that_lag_behind_are_made_to_grow() -> None:
    found = samples(seconds(b1=0, b2=0, inf=0), seconds(b1=60, b2=58, inf=100))
    assert one(found.quantile("api", SECONDS, 0.6, 60, 0)).value == 1.0
    assert one(found.share_above("api", SECONDS, 2, 60, 0)).value == pytest.approx(0.4)


# ---- against the definitions ---------------------------------------------------------------------------------------

scrape = st.tuples(
    st.floats(1, 200),  # since the one before
    st.booleans(),  # whether the process was started again between
    st.dictionaries(
        st.sampled_from("abc"), st.integers(0, 50) | st.sampled_from([math.nan, math.inf]), min_size=1, max_size=3
    ),
)


def grown(points: list[tuple[float, int, float]], since: float, until: float, from_zero: bool) -> float:
    """Last minus first plus the value before each reset: of time, life of the process, and value."""
    points = [point for point in points if math.isfinite(point[2]) and point[0] <= until]
    before = [point for point in points if point[0] <= since]
    chain = before[-1:] + [point for point in points if point[0] > since]
    if not before and from_zero:
        chain.insert(0, (since, chain[0][1] if chain else 0, 0.0))
    resets = (a[2] for a, b in pairwise(chain) if b[2] < a[2] or b[1] != a[1])
    return chain[-1][2] - chain[0][2] + sum(resets) if chain else 0.0


@settings(max_examples=120, deadline=None)
@given(st.lists(scrape, min_size=2, max_size=25), st.floats(10, 900), st.floats(0, 100))
def test_increases_equal_the_definition(history: list, window: float, late: float) -> None:  # type: ignore[type-arg]
    found, at, life, seen = Samples(), 0.0, 0, []
    for gap, restarted, counters in history:
        at, life = at + gap, life + restarted
        page = {("requests", (("status", name),)): float(value) for name, value in counters.items()}
        found.append(Reading("api", 0.0, at, 0.0, 60.0, values(page, 1000.0 + 10 * life)))
        seen.append((at, life, counters))
    now = at + late
    inside = [when for when, _, _ in seen if now - window <= when]
    edge = [when for when, _, _ in seen if now - 1.25 * window <= when <= now - window]
    used = [*(edge[-1:] if now - window not in inside else ()), *inside]
    answers = found.increase("api", REQUESTS, window, now, ["status"])
    if len(used) < 2:
        assert isinstance(one(answers).value, Unknown)
        return
    assert answers[0].scrapes == len(used) and answers[0].coverage == pytest.approx(
        (used[-1] - max(used[0], now - window)) / window
    )
    alive = {name for when, _, counters in seen for name in counters if when >= used[0]}
    assert {each.labels[0][1] for each in answers} == alive
    for each in answers:
        name = each.labels[0][1]
        points = [(when, life, float(counters[name])) for when, life, counters in seen if name in counters]
        if not math.isfinite(points[-1][2]):
            assert isinstance(each.value, Unknown)
        else:
            first_page = name in seen[0][2]
            assert each.value == pytest.approx(grown(points, used[0], now, not first_page))


def by_search(bounds: Sequence[float], counts: Sequence[int], q: float) -> float:
    """Where the share of observations below reaches q, each bucket's spread evenly, found by halving."""

    def below(x: float) -> float:
        total, low = 0.0, 0.0
        for bound, count in zip(bounds, counts, strict=False):
            total += count * min(1.0, max(0.0, (x - low) / (bound - low)))
            low = bound
        return total

    low, high = 0.0, bounds[-1]
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if below(middle) >= q * sum(counts) else (middle, high)
    return high


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=6), st.data(), st.floats(0.05, 0.99))
def test_quantiles_equal_the_definition(widths: list[int], data: st.DataObject, q: float) -> None:
    bounds = [sum(widths[: n + 1]) / 8 for n in range(len(widths))]
    parts = [
        [data.draw(st.lists(st.integers(0, 20), min_size=len(bounds) + 1, max_size=len(bounds) + 1)) for _ in "ab"]
        for _ in "xy"
    ]

    def page(upto: int) -> Page:
        return {
            ("seconds_bucket", (("le", "+Inf" if n == len(bounds) else repr(bounds[n])), ("path", path))): float(
                sum(sum(histories[scrape][: n + 1]) for scrape in range(upto))
            )
            for path, histories in zip("xy", parts, strict=True)
            for n in range(len(bounds) + 1)
        }

    found = one(samples(page(0), page(1), page(2)).quantile("api", SECONDS, q, 120, 0))
    counts = [sum(history[n] for histories in parts for history in histories) for n in range(len(bounds) + 1)]
    if not sum(counts):
        assert isinstance(found.value, Unknown)
    elif sum(counts[:-1]) < q * sum(counts):
        assert found.value == AtLeast(bounds[-1])
    else:
        assert found.events == sum(counts)
        assert number(found.value) == pytest.approx(by_search(bounds, counts, q), rel=1e-6, abs=1e-9)


# ---- what is kept --------------------------------------------------------------------------------------------------


def test_old_scrapes_are_thinned_and_a_reset_between_those_that_stay_is_not_lost() -> None:
    found, counter, told = Samples(), 0, 0
    for poll in range(2400):  # four hours, one every six seconds
        counter = 3 if poll % 47 == 0 else counter + 5
        told += 3 if poll % 47 == 0 and poll else 5 if poll else 0
        found.append(Reading("api", 0.0, poll * 6.0, 0.0, 6.0, values(requests(s200=counter))))
    whole = one(found.increase("api", REQUESTS, 14_400, 2399 * 6.0))
    assert whole.value == pytest.approx(told, abs=5 * 11)  # the first minute is one point
    assert whole.coverage > 0.99 and whole.scrapes < 150 + 16 + 4 * 60
    assert one(found.increase("api", REQUESTS, 600, 2399 * 6.0)).scrapes == 101


def test_what_is_older_than_the_horizon_goes_and_series_that_have_gone_with_it() -> None:
    scrapes = Scrapes(horizon_s=1800.0)
    for poll in range(1000):
        page = {("requests", (("status", str(poll // 100)),)): float(poll)}
        scrapes.append(values(page), poll * 15.0)
    assert 1800.0 <= scrapes.at[-1] - scrapes.at[0] <= 1800.0 + 2 * 60.0
    assert set(scrapes.groups("requests", {}, ["status"], 0.0)) == {(("status", "8"),), (("status", "9"),)}
    gaps = [after - before for before, after in pairwise(scrapes.at)]
    assert max(gaps) <= 2 * 60.0 and len(gaps) < 900 / 15 + 900 / 60 + 8


def test_more_series_than_there_is_room_for_make_windows_unknown_not_low() -> None:
    scrapes = Scrapes(horizon_s=3600.0, limit=3)
    scrapes.append(values(requests(s1=0, s2=0)), 0.0)
    scrapes.append(values(requests(s1=1, s2=1, s3=1, s4=1)), 60.0)
    assert isinstance(scrapes.window(120.0, 60.0), Unknown)
    assert scrapes.append(values(requests(s1=2, s2=2)), 120.0) is None
    assert not isinstance(scrapes.window(60.0, 120.0), Unknown)


def test_a_reading_that_was_told_already_counts_once() -> None:
    found = samples(requests(s200=1), requests(s200=4))
    for mono in (0.0, -30.0):
        found.append(Reading("api", 0.0, mono, 0.0, 60.0, values(requests(s200=9))))
    assert one(found.increase("api", REQUESTS, 60, 0)) == Measure((), 3, 3, 1.0, 2, 60.0)


def test_a_series_that_comes_after_the_first_question_is_in_the_next_answer() -> None:
    found = samples(requests(s200=1), requests(s200=1))
    assert one(found.increase("api", FAILED, 60, 0)).value == 0
    found.append(Reading("api", 0.0, 60.0, 0.0, 60.0, values(requests(s200=1, s500=8))))
    assert one(found.increase("api", FAILED, 60, 60)).value == 8
