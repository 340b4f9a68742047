"""A refusal before or instead of an effect: nothing was changed."""

from __future__ import annotations

from dataclasses import dataclass

from services.actions.plan import Word
from services.errors import WatchdeckError


@dataclass(frozen=True)
class Refused:
    word: Word
    message: str
    remedy: str = ""
    differing: tuple[str, ...] = ()


def unreachable(error: WatchdeckError) -> Refused:
    return Refused("not applied", f"{error.message}; nothing was changed", error.remedy)
