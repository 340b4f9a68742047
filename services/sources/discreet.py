"""Sources as the role `support` reads them: figures and states, and the word "restricted" for what somebody wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.errors import SourceError
from services.profile.sources.database import SqlSource
from services.readings import RESTRICTED, Dated, FaultKind, NamedFigure, NamedValues, Values
from services.readings.private import WITHHELD, without_words

if TYPE_CHECKING:
    from services.profile import Profile
    from services.profile import Source as Spec
    from services.sources import Source


def as_support(source: Source, profile: Profile) -> Source:
    """The same source as support reads it."""
    if is_withheld(profile, source.name):
        return Withheld(source.name, profile.sources[source.name])
    return Discreet(source)


def is_withheld(profile: Profile, name: str) -> bool:
    """Whether support sees nothing of what the source says."""
    spec = profile.sources[name]
    return name in profile.restricted.sources or (isinstance(spec, SqlSource) and spec.role != "support")


def withheld(spec: Spec) -> NamedValues:
    """What stands in its place."""
    figure = spec.value if isinstance(spec, SqlSource) else WITHHELD
    return NamedValues(WITHHELD, (NamedFigure(figure, RESTRICTED),), said=WITHHELD)


class Discreet:
    """Whatever it asks does not select what is restricted; this is for what comes along all the same."""

    def __init__(self, source: Source) -> None:
        self.name, self.interval_s, self.timeout_s = source.name, source.interval_s, source.timeout_s
        self._source = source

    async def fetch(self) -> Values | Dated:
        try:
            return without_words(await self._source.fetch())
        except SourceError as error:
            told = without_words(error.fault)
            raise SourceError(told.kind, told.message, told.remedy) from None
        except Exception as error:  # nobody foresaw it, and so nobody knows what it quotes
            kind: FaultKind = "timeout" if isinstance(error, TimeoutError) else "error"
            raise SourceError(kind, f"{self.name}: {type(error).__name__}, {WITHHELD}") from None

    async def close(self) -> None:
        await self._source.close()


class Withheld:
    """A source that the profile keeps from support as a whole: it is not even asked."""

    def __init__(self, name: str, spec: Spec) -> None:
        self.name, self.interval_s, self.timeout_s = name, spec.interval, spec.timeout
        self._values = withheld(spec)

    async def fetch(self) -> NamedValues:
        return self._values

    async def close(self) -> None:
        """There is nothing."""
