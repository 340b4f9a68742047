"""A component's release as it stands: its instances, their versions, and the one that they should be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

# complete: all are the version that they should be, or at least the same. other: all the same, and not the right one.
State: TypeAlias = Literal["complete", "mixed", "other", "unknown"]


@dataclass(frozen=True, slots=True)
class Instance:
    """`version` is "" where it is not known; `said` tells why."""

    name: str
    version: str
    count: int = 1  # a pool may have several
    said: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    id: str
    title: str
    state: State
    said: str
    instances: tuple[Instance, ...] = ()
    pin: str = ""  # "" where there is none, or none is known
    since: float | None = None  # unix seconds: when one of its versions was seen to change last

    @property
    def versions(self) -> tuple[tuple[str, int], ...]:
        """Each version and how many instances it has, the commonest first."""
        found: Counter[str] = Counter()
        for one in self.instances:
            if one.version:
                found[one.version] += one.count
        return tuple(found.most_common())
