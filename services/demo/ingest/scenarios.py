"""What can go wrong with the ingest API: a release, a configuration, a flood, a dependency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from services.demo.ingest.release import BAD, LIMITS, Release
from services.demo.ingest.traffic import BACKFILL_ITEMS, Traffic
from services.demo.scenario import Scenario

CANARY = 0.3  # of the instances get a new image first
STEP = 0.1  # more of them with every look, until somebody pauses it


class Service(Protocol):
    """A part that can be taken away and brought back."""

    def start(self) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True)
class Means:
    home: Path
    traffic: Traffic
    redis: Service

    @property
    def release(self) -> Release:
        return Release.read(self.home)

    def change(self, how: Callable[[Release], Release]) -> Release:
        return Release.change(self.home, how)


def _release(means: Means) -> None:
    means.change(lambda now: now.rolling(BAD, CANARY))


def _rolled_back(means: Means) -> bool:
    """Until it is, the rollout goes on by itself, unless it was paused."""

    def further(now: Release) -> Release:
        going_on = now.image == BAD and not now.paused
        return replace(now, share=min(1.0, now.share + STEP)) if going_on else now

    return means.change(further).image != BAD


def _roll_back(means: Means) -> None:
    means.change(lambda now: now.rolling(now.known_good, 1.0))


def _lift_limits(means: Means) -> None:
    means.change(lambda now: now.configured(**dict.fromkeys(LIMITS, "0")))


def _set_limits(means: Means) -> None:
    means.change(lambda now: now.configured(**LIMITS))


def _limited(means: Means) -> bool:
    return all(int(means.release.config[name]) for name in LIMITS)


def _flood(means: Means) -> None:
    means.traffic.refused = False
    means.traffic.backfill = True


def _end_flood(means: Means) -> None:
    means.traffic.backfill = False


def _lowered(means: Means) -> bool:
    return means.traffic.refused and int(means.release.config["INGEST_MAX_BATCH_ITEMS"]) < BACKFILL_ITEMS


SCENARIOS: Mapping[str, Scenario[Means]] = MappingProxyType(
    {
        "bad-release": Scenario(
            title="A release fails, and goes on being rolled out",
            tells=frozenset(("error-ratio", "error-budget", "p95-latency")),
            help=f"Image {BAD} is on a part of the instances, answers late and half of the time with an error, and"
            " reaches more of them every second. Pause the rollout (P), then roll the image back.",
            start=_release,
            repaired=_rolled_back,
            repair=_roll_back,
        ),
        "ingest-surge": Scenario(
            title="A customer's backfill floods the API",
            help=f"Batches of {BACKFILL_ITEMS} items come as fast as they are taken. Lower the ingest limits: to 100"
            " items, say. The sender is refused and stops; afterwards revert the configuration.",
            start=_flood,
            repaired=_lowered,
            repair=_end_flood,
            end=_end_flood,
        ),
        "redis-down": Scenario(
            title="Redis is away",
            help="The Redis process is killed: readiness fails, and what is ingested is refused. Switch to degraded"
            " mode; Redis is brought back meanwhile. Then end degraded mode.",
            start=lambda means: means.redis.kill(),
            repaired=lambda means: means.release.degraded,
            end=lambda means: means.redis.start(),
        ),
        "config-broken": Scenario(
            title="A configuration change lifts the limits",
            help="Both ingest limits were set to 0, which means none: oversized requests get through. Revert the"
            " configuration.",
            start=_lift_limits,
            repaired=_limited,
            repair=_set_limits,
        ),
    }
)
