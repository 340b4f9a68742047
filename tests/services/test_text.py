"""Whatever a row, a header or an error holds, a terminal only draws it."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text import safe, safe_lines

any_text = st.text(alphabet=st.characters(codec=None), max_size=200)  # surrogates and noncharacters too
ACTS = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(any_text)
def test_no_character_that_a_terminal_acts_on_comes_through(text: str) -> None:
    shown = safe(text)
    assert not [c for c in shown if unicodedata.category(c) in ACTS]
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(any_text, st.integers(min_value=1, max_value=300))
def test_safe_text_stays_as_it_is_and_within_its_limit(text: str, limit: int) -> None:
    shown = safe(text, limit)
    assert len(shown) <= limit
    assert safe(shown, limit) == shown


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_not_touched(text: str) -> None:
    assert safe(text) == text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "\\x1b]52;c;aGk=\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("pass\u200bword", "pass\\u200bword"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u3164b", "a\\u3164b"),
        ("\ud800", "\\ud800"),
        ("\uffff", "\\uffff"),
        ("\u2028", "\\u2028"),
        ("x\ufe0f", "x\\ufe0f"),
        ("\u0301e", "\\u0301e"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("[/nope] C:\\new 温度　é", "[/nope] C:\\new 温度　é"),
    ],
)
def test_each_kind_of_hostile_character_is_seen_as_an_escape(hostile: str, shown: str) -> None:
    assert safe(hostile) == shown


def test_marks_piled_on_one_letter_are_escaped_after_the_fourth() -> None:
    assert safe("a" + "\u0301" * 6) == "a" + "\u0301" * 4 + "\\u0301" * 2


def test_a_cut_never_leaves_half_an_escape() -> None:
    assert safe("ab\x1b\x1b", 8) == "ab\\x1b…"


def test_anything_can_be_shown() -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no")

    assert [safe(v) for v in (None, 12, b"\xff\x1b[m", Bad(), "")] == ["", "12", "\\xff\\x1b[m", "<Bad>", ""]


def test_several_lines_stay_lines_and_each_is_safe() -> None:
    assert safe_lines("Traceback\r\n\tat \x1b[31m\nend") == ("Traceback", "    at \\x1b[31m", "end")
    assert safe_lines("a\nb\nc", limit=3) == ("a", "b", "…")


@pytest.mark.parametrize("unit", ["a", "\x1b", "é\u0301", "\U000e0041"])
def test_a_megabyte_is_cut_before_it_is_escaped(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.perf_counter()
    safe(text)
    assert time.perf_counter() - started < 0.02  # about 1 ms alone; the rest is for a busy machine
