"""Rates of counters as figures with a path of their own: what of them is kept longer than the scrapes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.readings import Figure, Values
from services.readings.metrics import MetricsValues
from services.rules.look import Labels

if TYPE_CHECKING:
    from services.metrics.samples import Samples
    from services.metrics.selector import Selector
    from services.profile.rules import Rate


def path(selector: Selector, labels: Labels) -> str:
    """`rate(http_requests_total{status=~5..}){service=shop}`."""
    chosen = ",".join(f"{label}={text}" for label, text in sorted(selector.match.items()))
    told = ",".join(f"{label}={value}" for label, value in labels)
    name = f"{selector.metric}{{{chosen}}}" if chosen else selector.metric
    return f"rate({name}){{{told}}}" if told else f"rate({name})"


def no_counter(values: Values | None, *selectors: Selector) -> str:
    """Which of the metrics goes up and down, as its page says, and so has no rate; empty when none does."""
    wanted = {selector.metric for selector in selectors}
    families = values.families if isinstance(values, MetricsValues) else ()
    gauges = (family.name for family in families if family.name in wanted and family.kind == "gauge")
    return next((f"{name} is a gauge: it has no rate, so this never fires" for name in gauges), "")


def newest(rate: Rate, samples: Samples, source: str, seconds: float, mono: float) -> dict[str, Figure]:
    """Per second, since the scrape before."""
    found = samples.rate(source, rate.selector, seconds, mono, rate.by)
    return {path(rate.selector, each.labels): each.value for each in found if each.labels or not rate.by}
