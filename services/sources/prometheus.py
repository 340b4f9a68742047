"""A page of metrics in Prometheus' text format or OpenMetrics, scraped; only the series asked for are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.errors import SourceError
from services.metrics.keep import Keep
from services.metrics.page import Page, Reader, TooMuchError, UnreadableError
from services.metrics.wanted import wanted
from services.profile import PrometheusSource
from services.readings import MetricsValues
from services.sources.http_client import Body, HttpClient
from services.sources.threads import Threads

if TYPE_CHECKING:
    from services.sources import Parts

_ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"  # it tells its end


def make(name: str, spec: PrometheusSource, parts: Parts) -> Scrape:
    return Scrape(name, spec, Keep(wanted(parts.profile, name), spec.keep))


class Scrape:
    """One address that is scraped. Failures are whole: half a page would look like counters that stand still."""

    def __init__(self, name: str, spec: PrometheusSource, keep: Keep) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        headers = {"accept": _ACCEPT, **spec.headers}
        self._client = HttpClient(spec.url, headers, spec.timeout, spec.max_bytes, packed=True)
        self._reader = Reader(keep)
        self._threads = Threads(f"{name} page", 1)

    async def fetch(self) -> MetricsValues:
        body = await self._client.get_ok()
        size, page = await self._threads.run(lambda: self._read(body))
        about = self._client.shown_url
        return MetricsValues(about, tuple(page.samples), page.families, page.started_at, page.series, size)

    async def close(self) -> None:
        await self._client.close()

    def _read(self, body: Body) -> tuple[int, Page]:
        plain = self._client.whole(body)
        where = self._client.shown_url
        try:
            return len(plain), self._reader.read(plain, "openmetrics-text" in body.content_type)
        except TooMuchError as error:
            raise SourceError(
                "limit", f"{where}: {error}", "scrape a narrower page, or ask for fewer labels"
            ) from error
        except UnreadableError as error:
            raise SourceError(
                "protocol",
                f"{where}: {error}",
                "check `url`: it should lead to a page of metrics in Prometheus' text format",
            ) from error
