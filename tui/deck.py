"""Everything a view draws from, frozen at one moment: the app makes a new one at each reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from services.alerts import Alert, Alerts
from services.readings import Snapshot, SourceState, Unknown
from widgets.failures import KnownPattern
from widgets.vitals import Vitals

if TYPE_CHECKING:
    from services.history import History
    from services.procedures.timer import Due
    from services.profile import Profile
    from services.readings import EndpointsFigures, Values

V = TypeVar("V", bound="Values")
C = TypeVar("C")
OF_A_QUEUE = frozenset(("flags", "runs", "reaper"))
OWN = ("audit", "elevation")  # the console's own sources, called by their kind


@dataclass(frozen=True)
class Deck:
    """`mono` is the moment it is looked at; while the screen is frozen it stands still."""

    profile: Profile
    snapshot: Snapshot
    alerts: Alerts
    history: History
    mono: float = 0.0
    wall: float = 0.0  # in steps of ten seconds, never in the past
    frozen: bool = False
    endpoints: Mapping[str, EndpointsFigures] = field(default_factory=dict)  # by source, where requests are counted
    overdue: tuple[Due, ...] = ()  # what comes round and was not done in time
    chosen: Mapping[str, str] = field(default_factory=dict)  # per kind the source that the person wants to see

    def source(self, kind: str) -> str:
        """The source of this kind that views show; "" when the profile has none."""
        if kind in OWN:
            return kind
        found = self.profile.of_kind(kind)
        if self.chosen.get(kind) in found:
            return self.chosen[kind]
        # flags, runs and the reaper go with their queue
        kin = (name for name, source in found.items() if getattr(source, "queue", "") == self.source("queue"))
        return next(kin if kind in OF_A_QUEUE else iter(found), next(iter(found), ""))

    def which(self, kind: str) -> str:
        """ "jobs, 1 of 2" where the profile has several of a kind; "" where nothing needs to be said."""
        names = list(self.profile.of_kind(kind)) if kind not in ("", *OWN) else []
        shown = self.source(kind)
        return f"{shown}, {names.index(shown) + 1} of {len(names)}" if len(names) > 1 else ""

    def looking_at(self, kind: str, source: str) -> Deck:
        """With this source shown wherever its kind is."""
        known = source in self.profile.of_kind(kind)
        return replace(self, chosen={**self.chosen, kind: source}) if known else self

    def choosing(self, kinds: Iterable[str]) -> Deck:
        """The next source of each of these kinds that has several."""
        chosen = dict(self.chosen)
        for kind in kinds:
            names = list(self.profile.of_kind(kind))
            if len(names) > 1:
                chosen[kind] = names[(names.index(self.source(kind)) + 1) % len(names)]
        return replace(self, chosen=chosen)

    def state(self, kind: str) -> SourceState | None:
        return self.snapshot.get(self.source(kind))

    def values(self, kind: str, shape: type[V]) -> V | None:
        """The last good values; None when there never were any."""
        state = self.state(kind)
        found = state.good.values if state and state.good else None
        return found if isinstance(found, shape) else None

    def made(self, kind: str, shape: type[V], how: Callable[[V], C]) -> C | None:
        """What `how` makes of the last good values; None when there never were any."""
        found = self.values(kind, shape)
        return None if found is None else how(found)

    def at(self, kind: str) -> float:
        """Unix seconds of that reading: what ages of rows are told against, so that they move only with it."""
        state = self.state(kind)
        return state.good.at if state and state.good else 0.0

    def vitals(self, kind: str) -> Vitals:
        found = Vitals.of(self.state(kind), self.mono)
        return found.frozen() if self.frozen else found

    def series(self, kind: str, path: str, points: int = 60) -> Sequence[float | None]:
        return [value for _, value in self.history.series(self.source(kind), path)[-points:]]

    @property
    def early(self) -> frozenset[str]:
        """Alerts, by key, that cannot be judged only because too little was seen so far: their sources answer."""
        return frozenset(alert.key for alert in self.alerts.unknown if self._is_early(alert))

    def _is_early(self, alert: Alert) -> bool:
        state = self.snapshot.get(alert.source)
        answers = state is not None and state.status(self.mono) == "fresh"
        return answers and (not isinstance(alert.value, Unknown) or alert.value.why == "no data yet")

    @property
    def patterns(self) -> tuple[KnownPattern, ...]:
        return tuple(
            KnownPattern(name, p.title, p.codes, p.first_checks, p.runbook) for name, p in self.profile.patterns.items()
        )
