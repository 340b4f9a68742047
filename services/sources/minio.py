"""MinIO beyond S3: its health addresses, and what its metrics say about drives, nodes and room."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services.errors import SourceError
from services.metrics.keep import Keep
from services.metrics.page import Reader, UnreadableError
from services.profile import MinioSource
from services.readings import Fault, Figure, MinioValues, Unknown, number
from services.sources.http_client import Body, HttpClient
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

LIVE, QUORUM = "minio/health/live", "minio/health/cluster"
NO_QUORUM = 503
# The figure and the metric that says it, with the name that releases before 2022 had for it.
_METRICS = {
    "usable_bytes": ("minio_cluster_capacity_usable_total_bytes",),
    "free_bytes": ("minio_cluster_capacity_usable_free_bytes",),
    "drives_online": ("minio_cluster_drive_online_total", "minio_cluster_disk_online_total"),
    "drives_offline": ("minio_cluster_drive_offline_total", "minio_cluster_disk_offline_total"),
    "nodes_online": ("minio_cluster_nodes_online_total",),
    "nodes_offline": ("minio_cluster_nodes_offline_total",),
}
_HANGS = "the metrics hang: MinIO waits in them for a drive or a node that does not answer"


def make(name: str, spec: MinioSource, parts: Parts) -> Minio:
    return Minio(name, spec)


class Minio:
    """One server, asked for its cluster. Generic S3 says whether a bucket works; this says why it soon may not."""

    def __init__(self, name: str, spec: MinioSource) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._client = HttpClient(spec.url, spec.headers, spec.timeout, spec.max_bytes)
        self._reader = Reader(Keep((), (metric for metrics in _METRICS.values() for metric in metrics)))

    async def fetch(self) -> MinioValues:
        """SourceError only when none of the three addresses gave any answer."""
        live, quorum, metrics = await asyncio.gather(
            self._ask(LIVE), self._ask(QUORUM), self._ask(self._spec.metrics_path)
        )
        told: dict[str, float] | Fault = metrics if isinstance(metrics, Fault) else await self._read(metrics)
        if isinstance(live, Fault) and isinstance(quorum, Fault) and isinstance(told, Fault):
            raise SourceError(live.kind, live.message, live.remedy)
        return _values(self._client.shown_url, _is_up(live), _is_up(quorum), told)

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, path: str) -> Body | Fault:
        try:
            return await self._client.get_ok(path, also=() if path == self._spec.metrics_path else (NO_QUORUM,))
        except SourceError as error:
            return error.fault

    async def _read(self, body: Body) -> dict[str, float] | Fault:
        """Every server of the cluster reports all of it, so that any series of a name will do."""
        try:
            page = await asyncio.to_thread(lambda: self._reader.read(body.plain()))
        except UnreadableError as error:
            where = self._client.where(self._spec.metrics_path)
            return Fault("protocol", safe(f"{where}: no page of metrics: {error}", 400), "see `metrics_path`")
        return {sample.name: sample.value for sample in page.samples}


def _is_up(found: Body | Fault) -> Figure:
    if isinstance(found, Fault):
        return _unknown(found)
    return int(found.status != NO_QUORUM)


def _values(url: str, live: Figure, quorum: Figure, told: dict[str, float] | Fault) -> MinioValues:
    figures = {name: _figure(told, metrics) for name, metrics in _METRICS.items()}
    fault = told if isinstance(told, Fault) else None
    wrong = _wrong(live, quorum, figures, fault)
    return MinioValues(
        url=url,
        live=live,
        quorum=quorum,
        healthy=0 if wrong else _whole(live, quorum, figures["drives_offline"], figures["nodes_offline"]),
        **figures,
        said="; ".join(wrong),
        fault=fault,
    )


def _wrong(live: Figure, quorum: Figure, figures: dict[str, Figure], fault: Fault | None) -> list[str]:
    """What is known not to be well. That the metrics alone hang is a sign too: the other addresses wait for nobody."""
    found = ["it says that it is not live"] if live == 0 else []
    found += ["too few drives for reads or writes: no quorum"] if quorum == 0 else []
    for name in ("drives", "nodes"):
        if offline := number(figures[f"{name}_offline"]):
            found.append(f"{offline:.0f} {name.removesuffix('s') if offline == 1 else name} offline")
    if fault and fault.kind == "timeout" and live == 1:
        found.append(_HANGS)
    return found


def _whole(live: Figure, quorum: Figure, *offline: Figure) -> Figure:
    """1 when everything is known to be well; otherwise what is not known."""
    return next((figure for figure in (live, quorum, *offline) if isinstance(figure, Unknown)), 1)


def _figure(told: dict[str, float] | Fault, metrics: tuple[str, ...]) -> Figure:
    if isinstance(told, Fault):
        return _unknown(told)
    found = next((told[metric] for metric in metrics if metric in told), None)
    return Unknown("not recorded", f"{metrics[0]} is not on the page") if found is None else found


def _unknown(fault: Fault) -> Unknown:
    said = f"{fault.message}; {fault.remedy}" if fault.remedy else fault.message
    return Unknown("not permitted" if fault.kind == "denied" else "failed", said)
