"""Which series of a page are kept: those that rules and panes name, and those that the profile says to keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from typing import TYPE_CHECKING

from services.metrics.match import matcher
from services.readings.metrics import Labels

if TYPE_CHECKING:
    from services.metrics.selector import Selector

START = "process_start_time_seconds"  # always: it tells a restart from a counter that stands still


class Keep:
    def __init__(self, selectors: Iterable[Selector], patterns: Iterable[str] = ()) -> None:
        """`patterns` are names of metrics, in which `*` stands for anything."""
        self._fits: dict[str, list[Callable[[Labels], bool]]] = {}
        for selector in selectors:
            self._fits.setdefault(selector.metric, []).append(matcher(selector.match))
        self._named = re.compile("|".join(map(translate, (START, *patterns))))

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names that selectors ask for: whether they are on the page at all is told."""
        return tuple(self._fits)

    def asks_for(self, name: str) -> bool:
        return name in self._fits or self._named.match(name) is not None

    def fits(self, name: str, labels: Labels) -> bool:
        return self._named.match(name) is not None or any(fits(labels) for fits in self._fits.get(name, ()))
