"""Names and what they stand for, one below the other: what does not fit into a row goes on in the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widgets.lines import Line, Segment, flow, wrap


@dataclass(frozen=True, slots=True)
class Facts:
    """Content: lines above, facts without the empty ones, lines below."""

    above: tuple[Line, ...]
    facts: tuple[tuple[str, str | Segment], ...]
    below: tuple[Line, ...] = ()

    def lines(self, width: int, height: int) -> Sequence[Line]:
        rows = [row for line in self.above for row in flow(line, width)]
        told = [(name, (fact, "") if isinstance(fact, str) else fact) for name, fact in self.facts]
        indent = max((len(name) for name, (text, _) in told if text), default=0) + 2
        for name, (text, ink) in told:
            broken = wrap(text, width - indent, ink) if text else ()
            rows += [
                ((name.ljust(indent) if at == 0 else " " * indent, "dim"), *part) for at, part in enumerate(broken)
            ]
        return [*rows, *(row for line in self.below for row in flow(line, width))][:height]
