"""What an API's page of metrics, queries of a profile's own and a machine say, when all is well and when not."""

from __future__ import annotations

from services.readings import MetricFamily, MetricSample, MetricsValues, NamedFigure, NamedValues, Unknown

ROUTES = ("/api/sessions", "/api/runs/{id}", "/api/datasets/{id}", "/api/artifacts")
EDGES = (0.1, 0.4, 0.8, 1.5, 5.0)


def page(scrapes: int = 1, errors: int = 0, slow: float = 0.0) -> MetricsValues:
    """The counters after so many scrapes: each counts 100 requests a route, `slow` of them above 800 ms."""
    samples: list[MetricSample] = []
    for at, route in enumerate(ROUTES):
        count = 100.0 * scrapes / (at + 1)
        bad = float(errors * scrapes) if at == 0 else 0.0
        samples.append(_sample("http_requests_total", count - bad, route=route, status="200"))
        samples.append(_sample("http_requests_total", bad, route=route, status="503"))
        for edge in EDGES:
            share = min(1.0, edge / 0.8) * (1 - slow) if edge <= 0.8 else 1.0
            samples.append(_sample("http_request_duration_seconds_bucket", count * share, route=route, le=str(edge)))
        samples.append(_sample("http_request_duration_seconds_bucket", count, route=route, le="+Inf"))
    samples.append(_sample("login_attempts_total", 2.0 * scrapes, outcome="failure"))
    samples.append(_sample("signed_urls_issued_total", 10.0 * scrapes))
    families = (
        MetricFamily("http_requests_total", "counter", ("route", "status")),
        MetricFamily("http_request_duration_seconds_bucket", "histogram", ("le", "route")),
        MetricFamily("login_attempts_total", "counter", ("outcome",)),
        MetricFamily("signed_urls_issued_total", "counter", ()),
    )
    return MetricsValues("http://127.0.0.1:3000/metrics", tuple(samples), families, 1_767_200_000.0, 61, 6_120)


def _sample(name: str, value: float, **labels: str) -> MetricSample:
    return MetricSample(name, tuple(sorted(labels.items())), value)


def released(api: str = "2.14.0", *workers: str) -> NamedValues:
    """MRE's versions: three pools, and the pins."""
    pools = zip(("ingest", "process", "publish"), workers or ("2.14.0",) * 3, strict=True)
    told = [("workers", pool, version) for pool, version in pools]
    told += [("parsers", pool, "4.2.0") for pool in ("ingest", "process", "publish")]
    told += [("pin", "web", api), ("pin", "workers", "2.14.0"), ("pin", "parsers", "4.2.0")]
    names = ("component", "instance", "version")
    return NamedValues(
        "127.0.0.1:5432/mre",
        tuple(NamedFigure("running", 1, "count", tuple(zip(names, one, strict=True))) for one in told),
    )


def asked(name: str, value: float, unit: str = "count", **labels: str) -> NamedValues:
    """One figure of a query that the profile wrote."""
    return NamedValues("127.0.0.1:5432/mre", (NamedFigure(name, value, unit, tuple(labels.items())),))


def due(artifacts: int) -> NamedValues:
    """What is to be deleted: so many raw artifacts, since yesterday."""
    labels = (("action", "run-retention"), ("kind", "artifact"))
    request = (("action", "run-deletions"), ("kind", "request"))
    figures = (
        NamedFigure("due", artifacts, "count", labels, "raw artifact"),
        NamedFigure("oldest_s", 93_600.0 if artifacts else 0.0, "s", labels, "raw artifact"),
        NamedFigure("due_bytes", 2_400.0 * artifacts, "bytes", labels, "raw artifact"),
        NamedFigure("due", 0, "count", request, "request"),
        NamedFigure("oldest_s", 0.0, "s", request, "request"),
    )
    return NamedValues("what is due for run-retention, run-deletions", figures)


def host() -> NamedValues:
    return NamedValues(
        "this machine",
        (
            NamedFigure("cpu_share", 0.34, "share"),
            NamedFigure("load_5m", 1.7, note="4 processors"),
            NamedFigure("memory_share", 0.62, "share"),
            NamedFigure("swap_share", Unknown("not configured", "there is no swap"), "share"),
            NamedFigure("network_in_bytes_per_s", 184_000.0, "bytes"),
        ),
    )
