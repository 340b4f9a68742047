"""Numbers kept in order while some come and others go, so that a percentile is one look and never a sort."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection

from services.quantile import quantile
from services.readings import NO_DATA_YET, Estimate, Figure

_MANY = 64  # from here on sorting anew is cheaper than inserting one by one


class Ordered:
    def __init__(self) -> None:
        self._values: list[float] = []

    def __len__(self) -> int:
        return len(self._values)

    def add(self, values: Collection[float]) -> None:
        if len(values) < _MANY:
            for value in values:
                insort(self._values, value)
        else:
            self._values.extend(values)
            self._values.sort()

    def drop(self, values: Collection[float]) -> None:
        """Takes away values that were added before."""
        for value in values:
            del self._values[bisect_left(self._values, value)]

    def at(self, share: float, estimated: bool = False) -> Figure:
        """The percentile, as percentile_cont has it."""
        if not self._values:
            return NO_DATA_YET
        value = quantile(self._values, share)
        return Estimate(value) if estimated else value
