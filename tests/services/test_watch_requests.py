"""What an API's counters say is kept as the scrapes come, for the API view and its plots."""

from __future__ import annotations

from services.readings import Reading, number
from services.watching.watch import Watch
from tests.clock import FakeClock
from tests.samples_metrics import ROUTES, page
from tests.tui.deck import profile


async def test_two_scrapes_make_rates_shares_and_quantiles_by_endpoint() -> None:
    clock = FakeClock()
    watch = Watch(profile(), clock)
    for scrape in range(1, 32):
        reading = Reading("api-metrics", clock.wall(), clock.mono(), 0.01, 10.0, page(scrape, errors=10, slow=0.02))
        watch.take(reading)
        await clock.advance(10.0)
    found = watch.past.endpoints["api-metrics"]
    assert [each.endpoint for each in found.endpoints] == list(ROUTES)  # the busiest first
    first = found.endpoints[0]
    assert (number(first.per_second), number(first.share_5xx)) == (10.0, 0.1)
    assert number(first.p95_s) and 0.7 < (number(first.p95_s) or 0.0) < 0.8
    plotted = watch.past.history.series("api-metrics", "requests.p95_s")
    assert len(plotted) == 31
    assert plotted[-1][1] == number(found.total.p95_s)
