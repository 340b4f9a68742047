"""What others judge: fixed readings of an Alertmanager and of a Prometheus with alerts."""

from __future__ import annotations

from services.readings import AlertmanagerValues, HeldAlert, HeldSilence, PrometheusAlert, PromqlValues
from tests.samples import NOW


def alertmanager() -> AlertmanagerValues:
    """One that fires, one that is silenced twice, one that another inhibits; and more than are kept."""
    since = NOW - 600
    return AlertmanagerValues(
        "http://alertmanager:9093",
        (
            HeldAlert("Full", "f1", "firing", "page", since, (("disk", "a"),), "disk a is full", "https://r.example/f"),
            HeldAlert("Slow", "f2", "suppressed", "", since, (("db", "x"),), "", "", ("s1", "s2")),
            HeldAlert("Filling", "f3", "suppressed", "warn", None, (), "", "", inhibited=True),
        ),
        (
            HeldSilence("s1", "active", 'alertname="Slow"', NOW - 60, NOW + 3600, "bob", "moving it"),
            HeldSilence("s2", "active", 'db="x"', NOW - 60, NOW + 60, "eve", "too loud"),
            HeldSilence("s3", "pending", 'team=~"a|b"', NOW + 3600, NOW + 7200, "bob", "tonight"),
        ),
        firing=1,
        suppressed=1402,
        silenced=2,
    )


def prometheus() -> PromqlValues:
    return PromqlValues(
        "http://prometheus:9090",
        (),
        alerts=(PrometheusAlert("Late", "pending", "warn", NOW - 30, 4.0, (("job", "web"),), "too late", ""),),
    )
