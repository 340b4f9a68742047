"""300 texts that would do harm if a terminal or a markup parser got to see them as they are."""

from __future__ import annotations

import random

KINDS = (
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1bP1$r0m\x1b\\", "\x9b31m", "\x9d0;title\x9c", "\x00nul", "a\x08b", "\rover",
    "two\nlines", "tab\there", "\x7f", "\u202eRTL", "\u2066iso\u2069", "\u200bzero\u200dwidth", "\ufefffeff",
    "e" + "\u0301" * 50, "\u0301" * 80, "\ud800", "\udfff\ud800", "\U000e0041tag", "日本語のエラー", "[/nope]",
    "\U0001f469\u200d\U0001f467", "\u2764\ufe0f", "\U0001f1e9\U0001f1ea", "\U0001f44d\U0001f3fd", "1\ufe0f\u20e3",
    "[@click=app.quit]x[/]", "[bold", "[red]r[/red]", "\\[escaped]", "$x", "{0}", "%s%n", "'; DROP TABLE jobs;--",
    "\u2028line\u2029para", "\u00a0nbsp", "\u3164\u115f", "a" * 300, "", " ", "\x85", "\x1b", "\u061c", "\ufffe",
)  # fmt: skip
BIG = ("x" * 1_000_000, "\u0301" * 1_000_000, "\x1b[31m" * 200_000)


def texts() -> list[str]:
    """The same 300 every time: each kind alone, three of a megabyte, and mixtures."""
    chance = random.Random(7)
    mixed = ["".join(chance.choices(KINDS, k=chance.randint(2, 5))) for _ in range(300 - len(KINDS) - len(BIG))]
    return [*KINDS, *BIG, *mixed]
