"""The top line of every screen: which environment this is, who is connected, what is firing, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from widgets.drawn import Drawn, Painted
from widgets.lines import Line, Segment, between, cut, width_of


@dataclass(frozen=True, slots=True)
class BannerFacts:
    """Everything the banner shows. `wall` is unix seconds; only its minute is shown."""

    system: str
    environment: str
    production: bool
    who: str = ""  # user@host/db; "" while nobody is connected
    role: str = ""
    read_only: bool = False
    firing: int = 0
    worst: str = ""  # "SEV1 A health endpoint fails"
    unknown: int = 0  # alerts that cannot be judged
    frozen: bool = False
    wall: float = 0.0


class Banner(Drawn):
    """One row, or at less than 60 columns only what must not be missed."""

    DEFAULT_CSS = """
    Banner { height: 1; width: 100%; }
    """

    def __init__(self, facts: BannerFacts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts = facts

    def show(self, facts: BannerFacts) -> None:
        self.facts = facts
        self.repaint()

    def draw(self, width: int, height: int) -> list[Painted]:
        facts = self.facts
        must = [_environment(facts), *_modes(facts)]
        right: Line = (*_alerts(facts, width), (datetime.fromtimestamp(facts.wall).strftime(" %H:%M"), ""))
        left = _spaced(must)
        for more in (facts.system, _who(facts)):
            room = width - width_of(left) - width_of(right) - 3
            if more and room >= min(cell_len(more), 12):
                left = (*left, ("  ", ""), (cut(more, room), "bold" if more == facts.system else "dim"))
        return [(between(left, right, width), "")]


def _environment(facts: BannerFacts) -> Segment:
    """Production is reversed and says so in a word; nothing else is."""
    if not facts.production:
        return f"[{facts.environment}]", "accent"
    named = facts.environment.upper() == "PRODUCTION"
    return (" PRODUCTION " if named else f" PRODUCTION {facts.environment} "), "alarm"


def _modes(facts: BannerFacts) -> list[Segment]:
    modes: list[Segment] = [("FROZEN", "cursor")] if facts.frozen else []
    return [*modes, ("READ ONLY", "warn")] if facts.read_only else modes


def _who(facts: BannerFacts) -> str:
    return f"{facts.who} as {facts.role}" if facts.who and facts.role else facts.who or "not connected"


def _alerts(facts: BannerFacts, width: int) -> Line:
    unknown: Line = ((f"? {facts.unknown} unknown ", "unknown"),) if facts.unknown and width >= 60 else ()
    if not facts.firing:
        return (*unknown, ("● no alert" if width >= 60 else "● ok", "good")) if not facts.unknown else unknown
    title = f" {cut(facts.worst, max(0, width // 3))}" if facts.worst and width >= 60 else ""
    return (*unknown, (f"✖ {facts.firing} firing{title}", "bad"))


def _spaced(parts: list[Segment]) -> Line:
    return tuple(piece for part in parts for piece in (part, (" ", "")))[:-1]
