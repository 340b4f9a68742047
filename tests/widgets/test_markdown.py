"""A runbook's Markdown in the width of a pane: nothing is lost, and what it names is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from services.text import safe_lines
from widgets.lines import text_of
from widgets.markdown import document

TEXT = """# Shop

## Stale locks

**Do** in this order:
1. look at `4`, then start `release-locks` and wait for the count to fall below twenty
   - a nested [step](#queue-backlog)
2. `kubectl get pods`

> be careful

```
psql -c 'SELECT 1'   # as it stands
```

| Code | First |
|---|---|
| `A_B` | the clock |
"""


def shown(width: int) -> list[str]:
    return [text_of(line.line).rstrip() for line in document(TEXT, width, {"release-locks"})]


def test_lists_quotes_code_and_tables_are_laid_out_in_the_width() -> None:
    assert shown(40) == [
        "§ Shop",
        "",
        "§ Stale locks",
        "",
        "Do in this order:",
        "1. look at 4, then start release-locks",
        "   and wait for the count to fall below",
        "   twenty",
        "   • a nested step",
        "2. kubectl get pods",
        "",
        "│ be careful",
        "",
        "  psql -c 'SELECT 1'   # as it stands",
        "",
        "• Code: A_B",
        "  First: the clock",
    ]


def test_a_line_knows_the_actions_and_links_it_names_and_where_it_is_from() -> None:
    lines = document(TEXT, 40, {"release-locks"})
    (named,) = [line for line in lines if line.actions]
    assert (named.actions, named.source, TEXT.splitlines()[named.source][:2]) == (("release-locks",), 5, "1.")
    assert [line.links for line in lines if line.links] == [("#queue-backlog",)]
    assert ("release-locks", "accent") in named.line
    assert ("4", "bold") in named.line  # a key, and no action


@given(st.text(max_size=400), st.integers(10, 60))
def test_no_text_is_wider_than_its_pane_or_breaks_it(text: str, width: int) -> None:
    for line in document("\n".join(safe_lines(text, 1000)), width):
        assert cell_len(text_of(line.line)) <= width
