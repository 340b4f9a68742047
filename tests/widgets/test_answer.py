"""Nothing but exactly what the plan asks for, typed after it could be read, confirms it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import samples
from widgets.answer import DEAF_S, Answer

KEYS = ("enter", "escape", "tab", "shift+tab", "up", "down", "backspace", "ctrl+u", "left", "f1", "delete", "space")


def answer(kind: str = "count", count: int = 12) -> Answer:
    """Painted at 0, so that a key at 1 is heard."""
    made = Answer(samples.plan(count, kind), 0.0)
    made.painted(0.0)
    return made


def press(made: Answer, *keys: str, at: float = 1.0) -> list[str]:
    results = [made.press(key, key if len(key) == 1 else None, at, at) for key in keys]
    return [result for result in results if result]


def test_the_count_and_enter_confirm_without_any_tab() -> None:
    assert press(answer(), "1", "2", "enter") == ["confirm"]


def test_one_key_confirms_what_is_low_risk() -> None:
    assert press(answer("key", 1), "y") == ["confirm"]


def test_a_name_and_a_reason_confirm_what_is_dangerous() -> None:
    made = answer("name")
    assert press(made, *"production", "enter") == []
    assert made.stop == "reason"
    assert press(made, "enter") == [] and made.said == "a reason is required"
    assert press(made, *"w-1 died", "enter") == ["confirm"]
    assert made.reason == "w-1 died"


@pytest.mark.parametrize("kind", ["key", "count", "name"])
def test_enter_alone_never_confirms(kind: str) -> None:
    made = answer(kind)
    assert press(made, "enter") == ["cancel"], "the focus rests on Cancel"
    made = answer(kind)
    assert "confirm" not in press(made, "tab", "enter", "tab", "enter", "tab", "enter", "enter")


@pytest.mark.parametrize("typed", ["1", "122", "13", "012", "1 2", ""])
def test_another_count_does_not_confirm(typed: str) -> None:
    made = answer()
    assert press(made, "tab", *typed, "enter") == []
    assert made.said == "type exactly 12"


def test_keys_from_before_the_paint_are_dropped_and_so_are_hasty_ones() -> None:
    made = Answer(samples.plan(1, "key"), 0.0)
    assert press(made, "y", "enter", at=5.0) == [], "not painted yet"
    made.painted(5.0)
    assert press(made, "y", at=4.9) == [], "typed before, delivered late"
    assert press(made, "y", at=5.0 + DEAF_S - 0.01) == [] and "dropped" in made.said
    assert press(made, "y", at=6.0) == ["confirm"]


def test_a_held_key_never_gets_in() -> None:
    made = Answer(samples.plan(1, "key"), 0.0)
    made.painted(0.0)
    for repeat in range(300):
        assert press(made, "y", at=0.01 + repeat * 0.03) == []


def test_an_old_preview_cannot_be_confirmed_and_r_takes_it_again() -> None:
    made = answer()
    press(made, "1", "2")
    assert press(made, "enter", at=60.0) == [] and "older than 60 s" in made.said
    assert press(made, "r", at=61.0) == ["retake"]
    made.replaced(samples.plan(11), 62.0)
    assert made.phrase == "" and press(made, "1", "1", "enter", at=63.0) == [], "not painted yet"
    made.painted(63.0)
    assert press(made, "1", "1", "enter", at=64.0) == ["confirm"]


def test_r_is_a_letter_while_a_name_is_typed() -> None:
    made = answer("name")
    press(made, "p", "r")
    assert made.phrase == "pr"


def test_nothing_to_do_cannot_be_confirmed() -> None:
    assert press(answer("count", 0), "0", "enter") == []


@given(st.lists(st.sampled_from([*KEYS, *"abcr y019-"]), max_size=60))
def test_keys_at_random_confirm_only_with_the_exact_phrase(keys: list[str]) -> None:
    made = answer("name")
    if "confirm" in press(made, *keys):
        assert made.phrase == "production" and made.reason.strip()


@pytest.mark.parametrize("kind", ["count", "name"])
def test_two_thousand_keys_at_random_confirm_only_with_the_exact_phrase(kind: str) -> None:
    chance = random.Random(11)
    made = answer(kind)
    for _ in range(2000):
        key = chance.choice([*KEYS, *"abcdefghijklmnopqstuvwxyz0123456789 -"])
        result = made.press(key, key if len(key) == 1 else None, 1.0, 1.0)
        assert result != "confirm" or made.phrase == made.plan.confirm.expected
