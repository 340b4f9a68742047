"""One thing that the palette offers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    title: str
    help: str
    run: Callable[[], object]
    words: tuple[str, ...] = ()  # what else it is called
