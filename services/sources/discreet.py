"""Sources as the role `support` reads them: figures and states, and the word "restricted" for what somebody wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.profile.sources.database import SqlSource
from services.readings import RESTRICTED, Dated, NamedFigure, NamedValues, Values
from services.readings.private import WITHHELD, without_words

if TYPE_CHECKING:
    from services.profile import Source as Spec
    from services.sources import Source


class Discreet:
    """Whatever it asks does not select what is restricted; this is for what comes along all the same."""

    def __init__(self, source: Source) -> None:
        self.name, self.interval_s, self.timeout_s = source.name, source.interval_s, source.timeout_s
        self._source = source

    async def fetch(self) -> Values | Dated:
        return without_words(await self._source.fetch())

    async def close(self) -> None:
        await self._source.close()


class Withheld:
    """A source that the profile keeps from support as a whole: it is not even asked."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.name, self.interval_s, self.timeout_s = name, spec.interval, spec.timeout
        self._figure = spec.value if isinstance(spec, SqlSource) else WITHHELD

    async def fetch(self) -> NamedValues:
        return NamedValues(WITHHELD, (NamedFigure(self._figure, RESTRICTED),), said=WITHHELD)

    async def close(self) -> None:
        """There is nothing."""
