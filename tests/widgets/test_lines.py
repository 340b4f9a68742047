"""Lines are exactly as wide as they are told to be, whatever is in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.lines import Line, changed, cut, fit, merged, plain, text_of, width_of

texts = st.text(st.characters(codec=None), max_size=40)
lines = st.lists(st.tuples(texts, st.sampled_from(["", "bad", "cursor"])), max_size=4).map(tuple)


@given(lines, st.integers(0, 30), st.sampled_from(["left", "right"]))
def test_a_fitted_line_has_its_width_and_nothing_unprintable(content: Line, width: int, align: str) -> None:
    fitted = fit(content, width, align)
    assert width_of(fitted) == width
    assert text_of(fitted).isprintable()


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert cut("connection", 6) == "conne…"
    assert cut("日本語", 4) == "日…"
    assert text_of(fit((("ab", ""), ("cd", "")), 3)) == "ab…"
    assert text_of(fit((("abc", ""), ("d", "")), 3)) == "ab…"


def test_a_megabyte_without_width_is_cut_too() -> None:
    assert len(cut("a" + "\u0301" * 1_000_000, 10)) < 60


def test_control_and_direction_characters_are_made_visible() -> None:
    assert plain("a\x1b[31m\u202eb\ud800") == "a\ufffd[31m\ufffdb\ufffd"


def test_only_what_differs_is_named() -> None:
    before, after = ((("parse_raw ", ""), (" 12", "")), (("parse_raw ", ""), (" 13", "")))
    assert changed(before, after) == (12, 13)
    assert changed(before, before) is None
    assert changed((("ab", ""),), (("a", ""), ("b", ""))) is None, "the same cells in other segments"


def test_a_change_never_begins_or_ends_inside_a_wide_character() -> None:
    assert changed((("a日b", ""),), (("a本b", ""),)) == (1, 3)
    assert changed((("日", ""),), (("xy", ""),)) == (0, 2)


@given(lines)
def test_merging_keeps_the_text(content: Line) -> None:
    assert text_of(merged(content)) == text_of(content)
    assert cell_len(text_of(merged(content))) == cell_len(text_of(content))
