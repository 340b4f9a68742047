"""What has been typed into a confirmation, and whether it is enough: pure, so that every key can be tried on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.actions.plan import PREVIEW_LIFE_S, Plan
from widgets.lines import plain

Stop: TypeAlias = Literal["cancel", "phrase", "reason", "confirm"]
Result: TypeAlias = Literal["cancel", "confirm", "retake"]

DEAF_S = 0.25  # after the paint, and after every key that came too early: a held key never gets in
_LONGEST = 200
_MOVES = {"tab": 1, "down": 1, "shift+tab": -1, "up": -1}


@dataclass
class Answer:
    """One person's answer to one plan.

    `time` of keys and of the paint is Textual's own clock, which stamps events; `now` is the console's monotonic clock,
    by which the preview ages.
    """

    plan: Plan
    taken_at: float  # when the preview was taken
    deaf_until: float = float("inf")  # nothing is heard before the dialog has been painted
    stop: Stop = "cancel"
    phrase: str = ""
    reason: str = ""
    said: str = ""  # the last refusal, in words

    # -- what is so ---------------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        return self.plan.confirm.kind

    @property
    def stops(self) -> tuple[Stop, ...]:
        if self.kind == "key":
            return ("cancel",)
        return ("cancel", "phrase", *(("reason",) if self.plan.confirm.reason_required else ()), "confirm")

    def age_s(self, now: float) -> float:
        return max(0.0, now - self.taken_at)

    def expired(self, now: float) -> bool:
        return self.age_s(now) >= PREVIEW_LIFE_S

    def can_retake(self, now: float) -> bool:
        """Whether `r` is a command: while a name can be typed, it is a letter."""
        return self.kind != "name" or self.expired(now)

    def missing(self, now: float) -> str:
        """What still keeps it from being confirmed; empty when nothing does."""
        if not self.plan.targets:
            return "there is nothing to do"
        if self.expired(now):
            return f"the preview is older than {PREVIEW_LIFE_S:.0f} s: press r to take it again"
        if self.kind != "key" and self.phrase != self.plan.confirm.expected:
            return f"type exactly {self.plan.confirm.expected}"
        if self.plan.confirm.reason_required and not self.reason.strip():
            return "a reason is required"
        return ""

    # -- what happens to it -------------------------------------------------------------------------------------------

    def painted(self, time: float) -> None:
        """The dialog can be seen from now on."""
        self.deaf_until = time + DEAF_S

    def replaced(self, plan: Plan, now: float) -> None:
        """Another preview: everything typed for the old one is void."""
        self.plan, self.taken_at = plan, now
        self.stop, self.phrase, self.reason, self.said = "cancel", "", "", ""
        self.deaf_until = float("inf")

    def pasted(self) -> None:
        self.said = "a paste is refused: type it"

    def press(self, key: str, character: str | None, time: float, now: float) -> Result | None:
        """One key. None: the dialog goes on."""
        if time < self.deaf_until:
            if self.deaf_until != float("inf"):
                self.deaf_until = max(self.deaf_until, time + DEAF_S)
            self.said = "keys typed before this could be read were dropped"
            return None
        self.said = ""
        if key == "escape":
            return "cancel"
        if key in _MOVES:
            self._go(_MOVES[key])
            return None
        if key == "enter":
            return self._enter(now)
        return self._typed(key, character, now)

    def _go(self, by: int) -> None:
        stops = self.stops
        self.stop = stops[(stops.index(self.stop) + by) % len(stops)]

    def _enter(self, now: float) -> Result | None:
        if self.stop == "cancel":
            return "cancel"
        missing = self.missing(now)
        if not missing:
            return "confirm"
        if self.stop == "phrase" and missing == "a reason is required":
            self.stop = "reason"
        else:
            self.said = missing
        return None

    def _typed(self, key: str, character: str | None, now: float) -> Result | None:
        if key == "r" and self.can_retake(now):
            return "retake"
        if self.expired(now):
            self.said = self.missing(now)
            return None
        if self.kind == "key":
            return self._one_key(character, now)
        self._edit(key, character)
        return None

    def _one_key(self, character: str | None, now: float) -> Result | None:
        if character != self.plan.confirm.expected:
            self.said = f"press {self.plan.confirm.expected} to confirm, Esc to cancel"
            return None
        self.said = self.missing(now)
        return None if self.said else "confirm"

    def _edit(self, key: str, character: str | None) -> None:
        """Letters find the field by themselves: no Tab is needed before the phrase."""
        field = "reason" if self.stop == "reason" else "phrase"
        text: str = getattr(self, field)
        if key == "backspace":
            text = text[:-1]
        elif key == "ctrl+u":
            text = ""
        elif character and character.isprintable() and len(text) < _LONGEST:
            text += plain(character)
        else:
            return
        setattr(self, field, text)
        self.stop = field  # type: ignore[assignment]
