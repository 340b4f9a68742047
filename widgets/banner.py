"""The top line of every screen: which environment this is, who is connected, what is firing, and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len

from widgets.drawn import Drawn, Painted
from widgets.lines import Line, Segment, between, cut, width_of

_ROOMY = 72  # cells; with fewer, what is under way is one word
_TITLE = 12  # cells; less of an alert's title says nothing


@dataclass(frozen=True, slots=True)
class Recorded:
    """What people have begun and is not over: "SEV2 update in 12 m", "SEV2" where there is no room."""

    words: str
    short: str
    late: bool = False


@dataclass(frozen=True, slots=True)
class BannerFacts:
    """Everything the banner shows. `wall` is unix seconds; only its minute is shown."""

    system: str
    environment: str
    production: bool
    who: str = ""  # user@host/db; "" while nobody is connected
    role: str = ""
    read_only: bool = False
    elevated: str = ""  # "12 m": how long an elevation lasts yet
    firing: int = 0
    worst: str = ""  # "SEV1 A health endpoint fails"
    quiet: int = 0  # what fires and is silenced, or only a consequence
    unknown: int = 0  # alerts that cannot be judged
    early: int = 0  # alerts that cannot be judged yet
    judged: bool = True  # whether any rule has been looked at
    frozen: bool = False
    wall: float = 0.0
    view: str = ""  # "2 Queues"
    via: str = ""  # whom everything is read from, where this console reads nothing itself
    old: str = ""  # "42 s": how old the newest is of what comes from there, when that is too old
    recorded: Recorded | None = None
    connects: bool = True  # False: there is no database to be connected to


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
        left = _spaced([_environment(facts), *_modes(facts), *_recorded(facts, width)])
        view: Line = ((f" {facts.view}", "title"),) if facts.view else ()
        clock: Line = ((datetime.fromtimestamp(facts.wall).strftime(" %H:%M"), ""),)
        must = width_of(left) + width_of(view) + 2
        right = _alerts(facts, min(width // 3, width - must - width_of(clock)))
        if must + width_of(right) + width_of(clock) <= width:
            right = (*right, *clock)
        room = width - must - width_of(right) - 3
        if facts.system and room >= min(cell_len(facts.system), 12):
            left = (*left, (f" {cut(facts.system, room)}", "bold"), *(((" ·", "dim"),) if view else ()))
        left = (*left, *view)
        room = width - width_of(left) - width_of(right) - 3
        if _who(facts) and room >= min(cell_len(_who(facts)), 12):
            left = (*left, (f"  {cut(_who(facts), room)}", "dim"))
        return [(between(left, right, width), "")]


def _environment(facts: BannerFacts) -> Segment:
    """Production is reversed and says so in a word; nothing else is."""
    if not facts.production:
        return f"[{facts.environment}]", "accent"
    named = facts.environment.upper() == "PRODUCTION"
    return (" PRODUCTION " if named else f" PRODUCTION {facts.environment} "), "alarm"


def _modes(facts: BannerFacts) -> list[Segment]:
    modes: list[Segment] = [("FROZEN", "cursor")] if facts.frozen else []
    if facts.elevated:
        modes.append((f"ELEVATED {facts.elevated}", "alarm"))
    if facts.via:
        modes.append((f"RELAYED, {facts.old} OLD", "warn") if facts.old else ("RELAYED", "accent"))
    return [*modes, ("READ ONLY", "warn")] if facts.read_only else modes


def _recorded(facts: BannerFacts, width: int) -> list[Segment]:
    """What is late is reversed, as nothing else but production is."""
    if facts.recorded is None:
        return []
    it = facts.recorded
    words = it.words if width >= _ROOMY else it.short
    return [(f" {words} ", "alarm") if it.late else (words, "warn")]


def _who(facts: BannerFacts) -> str:
    if facts.via:
        return f"via {facts.via}"
    if not facts.who:
        return "not connected" if facts.connects else ""
    return f"{facts.who} as {facts.role}" if facts.role else facts.who


def _alerts(facts: BannerFacts, room: int) -> Line:
    """What fires, and the worst of it where there is room; nothing is well while something cannot be judged."""
    if not facts.firing:
        if facts.unknown or not facts.judged:
            return ((f"? {facts.unknown} unknown" if facts.unknown else "? nothing judged", "unknown"),)
        if facts.quiet:
            return ((f"▽ {facts.quiet} firing, quiet", "warn"),)
        return ((f"○ no alert, {facts.early} early", ""),) if facts.early else (("● no alert", "good"),)
    firing: Line = ((f"✖ {facts.firing} firing", "bad"), *(((f" +{facts.quiet} quiet", ""),) if facts.quiet else ()))
    unknown: Line = ((f"? {facts.unknown} unknown ", "unknown"),) if facts.unknown else ()
    if width_of((*unknown, *firing)) <= room:
        firing = (*unknown, *firing)
    left = room - width_of(firing) - 1
    return (*firing, (f" {cut(facts.worst, left)}", "bad")) if facts.worst and left >= _TITLE else firing


def _spaced(parts: list[Segment]) -> Line:
    return tuple(piece for part in parts for piece in (part, (" ", "")))[:-1]
