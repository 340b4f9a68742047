"""What is silenced is the alert that was meant, whatever stands in its labels; a read-only console silences nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.watching import SLOW, Bench, profile, rule
from tui import hush


class Desk:
    """An app as far as `hush` knows one: a watch, and somebody who answers its questions."""

    def __init__(self, read_only: bool = False, *answers: str) -> None:
        self.bench = Bench(profile(rule(figure="figures.x{*}", **{"for": "0s"})))  # type: ignore[arg-type]
        self.bench.read({"!mre": SLOW, "mre": SLOW, "~.*": SLOW})
        self.lookout, self.clock = self.bench.watch, self.bench.clock
        self.options = SimpleNamespace(read_only=read_only)
        self.said = ""
        self._answers = list(answers)

    def say(self, text: str, style: str = "") -> None:
        self.said = text

    async def push_screen_wait(self, prompt: Any) -> str:
        return self._answers.pop(0)

    @property
    def silenced(self) -> list[str]:
        return [alert.key for alert in self.bench.watch.alerts if alert.silenced]


@pytest.mark.parametrize("label", ["!mre", "mre", "~.*"])
async def test_a_label_that_looks_like_a_condition_is_a_label(label: str) -> None:
    desk: Any = Desk(False, "1h", "patching")
    await hush.silence(desk, desk.bench.alert(f"slow{{type={label}}}"))
    assert desk.silenced == [f"slow{{type={label}}}"]


async def test_a_read_only_console_neither_silences_nor_acknowledges_nor_lifts() -> None:
    desk: Any = Desk(True)
    alert = desk.bench.alert("slow{type=mre}")
    silence = desk.lookout.silence({"rule": "slow"}, None, "ana")
    for doing in (hush.silence(desk, alert), hush.acknowledge(desk, alert), hush.lift(desk, silence)):
        desk.said = ""
        await doing
        assert "read-only" in desk.said
    assert len(desk.silenced) == 3 and desk.bench.alert("slow{type=mre}").acknowledged is None


@pytest.mark.parametrize("span", ["59s", "367d", f"{'9' * 400}d", "soon", ""])
def test_a_silence_is_neither_too_short_nor_for_ever(span: str) -> None:
    assert hush._span(span) and not hush._span("1d")
