"""A source as another watchdeck read it, out of the Prometheus that scrapes that one."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.clock import Clock
from services.errors import SourceError
from services.readings import Dated, Values
from services.relay.leaves import Leaf, values
from services.sources import AUDIT, Built, Parts, make
from services.sources.http_client import HttpClient
from services.sources.json import parsed
from services.text import safe
from services.typed import ShapeError

if TYPE_CHECKING:
    from services.profile import Profile

MAX_BYTES = 16_777_216
TIMEOUT_S = 5.0
LEAST_S = 2.0  # between two questions: what is new comes with a scrape
UNSEEN_S = 30.0  # how far apart scrapes are taken to be until two of them have been seen


def via(url: str, profile: Profile, clock: Clock) -> Built:
    """The profile's sources, every one of them read from this Prometheus; and the local audit. No I/O."""
    sources: dict[str, Any] = {name: Relayed(name, url, profile) for name in profile.sources}
    sources.setdefault(AUDIT, make(AUDIT, AUDIT, None, Parts(profile, clock, {})))
    return Built(MappingProxyType(sources), MappingProxyType({}))


class Relayed:
    """Its age is the reading's own, so that a collector or a Prometheus that stands still is seen."""

    def __init__(self, name: str, url: str, profile: Profile) -> None:
        spec = profile.sources[name]
        self.name = name
        self.interval_s = max(spec.interval, LEAST_S)
        self.timeout_s = TIMEOUT_S
        self._kind = spec.kind
        self._client = HttpClient(url, {}, TIMEOUT_S, MAX_BYTES)
        environment = profile.environment.name.replace("\\", "\\\\").replace('"', '\\"')
        self._query = (
            f'{{__name__=~"watchdeck_(figure|text|source_.*)",profile="{profile.name}",'
            f'environment="{environment}",source="{name}"}}'
        )
        self._read_at = 0.0
        self._gap_s = UNSEEN_S

    async def fetch(self) -> Dated:
        """SourceError when Prometheus does not answer, has nothing of this source, or the source failed there."""
        path = "/api/v1/query"
        answer = parsed(await self._client.get_ok(path, {"query": self._query}), self._client, path)
        found = _by_name(answer)
        if not found:
            raise SourceError(
                "missing",
                f"{self._client.where(path)} has nothing of {self.name}",
                "is `watchdeck collect` running with this profile and environment, and scraped?",
            )
        self._raise_fault(found.get("watchdeck_source_fault", ()))
        return self._dated(found)

    async def close(self) -> None:
        await self._client.close()

    def _raise_fault(self, faults: Iterable[tuple[dict[str, str], float]]) -> None:
        for labels, _ in faults:
            raise SourceError(labels["fault"], labels["message"], labels.get("remedy", ""))  # type: ignore[arg-type]

    def _dated(self, found: dict[str, list[tuple[dict[str, str], float]]]) -> Dated:
        at = next((value for _, value in found.get("watchdeck_source_read_at_seconds", ())), None)
        if at is None:
            raise SourceError("missing", f"{self.name} has not been read there yet", "it comes with the next scrape")
        if self._read_at and at != self._read_at:
            self._gap_s = at - self._read_at
        self._read_at = at
        every = next((value for _, value in found.get("watchdeck_source_interval_seconds", ())), 0.0)
        return Dated(self._values(found), at, max(every, self._gap_s, self.interval_s))

    def _values(self, found: dict[str, list[tuple[dict[str, str], float]]]) -> Values:
        leaves = [
            Leaf(labels["at"], "", labels["is"], value)  # type: ignore[arg-type]
            for labels, value in found.get("watchdeck_figure", ())
        ]
        leaves += [
            Leaf(labels["at"], "", labels["is"], labels.get("text", ""))  # type: ignore[arg-type]
            for labels, _ in found.get("watchdeck_text", ())
        ]
        try:
            return values(self._kind, leaves)
        except (ShapeError, KeyError) as error:
            raise SourceError(
                "protocol",
                f"{self.name}: what was collected is not what this watchdeck reads: {safe(error, 200)}",
                "run the same version of watchdeck on both sides",
            ) from error


def _by_name(answer: Any) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Metric -> its series' labels and values."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    data = answer.get("data") if isinstance(answer, dict) else None
    result = data.get("result") if isinstance(data, dict) else None
    for one in result if isinstance(result, list) else ():
        labels = {str(name): safe(value) for name, value in one["metric"].items()}
        found.setdefault(labels.get("__name__", ""), []).append((labels, float(one["value"][1])))
    return found
