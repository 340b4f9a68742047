"""How a pane's reading is doing: its state, its age, and what happens next, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from services.readings import SourceState
from widgets.figures import age, duration

State = Literal["loading", "fresh", "stale", "failed", "not configured", "frozen", "still"]


@dataclass(frozen=True, slots=True)
class Vitals:
    """Everything a pane says about its reading beside the reading itself. What was never polled is `still`."""

    state: State = "loading"
    age_s: float | None = None
    reason: str = ""  # the fault's message, or what is missing in the profile
    remedy: str = ""
    retry_s: float | None = None
    note: str = ""  # "polled every 8 s: a fetch takes 0.4 s"; all there is to say when `still`

    @classmethod
    def of(cls, state: SourceState | None, mono: float) -> Vitals:
        """Of a source as the snapshot has it; None is a source that the profile does not have."""
        if state is None:
            return cls("not configured")
        fault = state.failed.fault if state.failed else None
        return cls(
            state=state.status(mono),
            age_s=state.age_s(mono),
            reason=fault.message if fault else "",
            remedy=fault.remedy if fault else "",
            retry_s=state.retry_s(mono),
            note=state.good.note if state.good else "",
        )

    def frozen(self) -> Vitals:
        """The same, while the person holds the screen still."""
        return replace(self, state="frozen") if self.state in ("fresh", "stale") else self

    @property
    def words(self) -> tuple[str, ...]:
        """The parts of "stale 42 s · connection refused · retry in 8 s", the most important first."""
        if self.state == "still":
            return (self.note,)
        if self.state == "fresh":
            return (age(self.age_s), self.note) if self.note else (age(self.age_s),)
        if self.state == "frozen":
            return (f"frozen {duration(_whole(self.age_s))}",)
        if self.state == "stale":
            return (f"stale {duration(_whole(self.age_s))}", *self._cause())
        return (str(self.state), *self._cause()[-1:]) if self.state == "failed" else (self.state,)

    def _cause(self) -> tuple[str, ...]:
        retry = () if self.retry_s is None else (f"retry in {duration(_whole(self.retry_s))}",)
        return (self.reason, *retry) if self.reason else retry

    @property
    def style(self) -> str:
        return {
            "fresh": "dim",
            "still": "dim",
            "loading": "dim",
            "failed": "bad",
            "stale": "warn",
            "frozen": "accent",
        }.get(self.state, "unknown")


def _whole(seconds: float | None) -> float | None:
    return None if seconds is None else float(int(seconds))
