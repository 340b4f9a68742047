"""A source as another watchdeck read it, out of the Prometheus that scrapes that one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from services.actions.identity import whoami
from services.clock import Clock
from services.errors import SourceError
from services.readings import Dated, Values
from services.readings.fault import FaultKind
from services.relay.leaves import Leaf, values
from services.sources import AUDIT, Built, Parts, make
from services.sources.discreet import as_support
from services.sources.http_client import HttpClient
from services.sources.json import parsed
from services.text import safe
from services.typed import ShapeError

if TYPE_CHECKING:
    from services.profile import Profile

PATH = "/api/v1/query"
LOOKBACK = "5m"  # Prometheus' own
MAX_BYTES = 16_777_216
TIMEOUT_S = 5.0
LEAST_S, MOST_S = 2.0, 10.0  # between two questions: what is new comes with a scrape, at any moment
UNSEEN_S = 60.0  # how far apart scrapes are taken to be until two of them have been seen

Series: TypeAlias = tuple[Mapping[str, str], float]  # its labels and its value
Found: TypeAlias = Mapping[str, Sequence[Series]]  # by the metric's name


def via(url: str, profile: Profile, clock: Clock) -> Built:
    """The profile's sources, every one of them read from this Prometheus; and the local audit. No I/O."""
    sources: dict[str, Any] = {name: Relayed(name, url, profile) for name in profile.sources}
    if profile.roles.of(whoami().login) == "support":
        sources = {name: as_support(source, profile) for name, source in sources.items()}
    sources.setdefault(AUDIT, make(AUDIT, AUDIT, None, Parts(profile, clock, {})))
    return Built(MappingProxyType(sources), MappingProxyType({}))


class Relayed:
    """Its age is the reading's own, so that a collector or a Prometheus that stands still is seen."""

    def __init__(self, name: str, url: str, profile: Profile) -> None:
        spec = profile.sources[name]
        self.name = name
        # oftener than the other watchdeck reads: a reading that just missed one question need not wait for long
        self.interval_s = min(max(spec.interval / 2, LEAST_S), MOST_S)
        self.timeout_s = TIMEOUT_S
        self._kind = spec.kind
        self._client = HttpClient(url, {}, TIMEOUT_S, MAX_BYTES, packed=True)
        environment = _quoted(profile.environment.name)
        self._query = (
            f'{{__name__=~"watchdeck_(figure|text|dropped_items|source_.*)",profile="{profile.name}",'
            f'environment="{environment}",source="{name}"}}'
        )
        self._read_at = 0.0
        self._gap_s = UNSEEN_S

    async def fetch(self) -> Dated:
        """SourceError when Prometheus does not answer, has nothing of this source, or the source failed there."""
        found = await self._ask(self._query)
        if _mixed(found):
            found = await self._ask(f"{self._query}[{LOOKBACK}]")
        if not found:
            raise SourceError(
                "missing",
                f"{self._client.where(PATH)} has nothing of {self.name}",
                "is `watchdeck collect` running with this profile and environment, and scraped?",
            )
        self._raise_fault(found)
        return self._dated(found)

    async def _ask(self, query: str) -> Found:
        body = await self._client.get_ok(PATH, {"query": query})
        try:
            return _by_name(parsed(body, self._client, PATH))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            where = self._client.where(PATH)
            raise SourceError("protocol", f"{where} does not answer as a Prometheus does", "check --via URL") from error

    async def close(self) -> None:
        await self._client.close()

    def _raise_fault(self, found: Found) -> None:
        for labels, _ in found.get("watchdeck_source_fault", ()):
            kind = labels.get("fault", "")
            raise SourceError(
                kind if kind in get_args(FaultKind) else "error",  # type: ignore[arg-type]
                labels.get("message", ""),
                labels.get("remedy", ""),
            )
        if dropped := _first(found, "watchdeck_dropped_items"):
            raise SourceError(
                "limit",
                f"{self.name}: {dropped:.0f} of its items are too many to be collected",
                "what is left says too little: narrow the source (`keep`, `types`), or read it without --via",
            )

    def _dated(self, found: Found) -> Dated:
        at = _first(found, "watchdeck_source_read_at_seconds")
        if at is None:
            raise SourceError("missing", f"{self.name} has not been read there yet", "it comes with the next scrape")
        if self._read_at and at != self._read_at:
            self._gap_s = at - self._read_at
        self._read_at = at
        every = _first(found, "watchdeck_source_interval_seconds") or 0.0
        # the next reading may be late by a scrape and by a question of ours, and is not missing before that
        return Dated(self._values(found), at, max(every, self._gap_s) + self.interval_s)

    def _values(self, found: Found) -> Values:
        try:
            figures = [_leaf(labels, value) for labels, value in found.get("watchdeck_figure", ())]
            texts = [_leaf(labels, labels.get("text", "")) for labels, _ in found.get("watchdeck_text", ())]
            return values(self._kind, [*figures, *texts])
        except (ShapeError, KeyError, AttributeError, TypeError, OverflowError) as error:
            raise SourceError(
                "protocol",
                f"{self.name}: what was collected is not what this watchdeck reads: {safe(error, 200)}",
                "run the same version of watchdeck on both sides",
            ) from error


def _leaf(labels: Mapping[str, str], value: float | str) -> Leaf:
    return Leaf(labels["at"], "", labels["is"], value)  # type: ignore[arg-type]


def _first(found: Found, name: str) -> float | None:
    return next((value for _, value in found.get(name, ())), None)


def _quoted(text: str) -> str:
    """As PromQL writes a string between double quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _mixed(found: Found) -> bool:
    """Whether it may be of two scrapes: what a Prometheus had not seen end before it was stopped itself, it goes on
    telling for as long as it looks back; such as a fault that is over."""
    ats = [labels.get("at", "") for name in ("watchdeck_figure", "watchdeck_text") for labels, _ in found.get(name, ())]
    places = set(ats)
    clash = len(places) < len(ats) or any(at.rpartition("/")[0] in places for at in ats)
    return clash or "watchdeck_source_fault" in found


def _by_name(answer: Any) -> Found:
    """KeyError, TypeError and the like where it is no answer to a query. Of series with a past only those count that
    are in the newest scrape."""
    found: dict[str, list[Series]] = {}
    last = [(one["metric"], one["values"][-1] if "values" in one else one["value"]) for one in answer["data"]["result"]]
    newest = max((at for _, (at, _) in last), default=0.0)
    for metric, (at, value) in last:
        if at == newest:
            labels = {str(name): safe(said) for name, said in metric.items()}
            found.setdefault(labels.get("__name__", ""), []).append((labels, float(value)))
    return found
