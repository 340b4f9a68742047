"""The clipboard over any number of SSH hops: OSC 52, wrapped when tmux stands between."""

from __future__ import annotations

import base64
from collections.abc import Mapping

LONGEST = 74_000  # bytes; terminals drop longer ones silently


def osc52(text: str, environment: Mapping[str, str]) -> str:
    """The sequence that puts a text on the clipboard of the terminal the person sits at."""
    data = base64.b64encode(text.encode()[:LONGEST]).decode()
    return wrapped(f"\x1b]52;c;{data}\x07", environment)


def wrapped(sequence: str, environment: Mapping[str, str]) -> str:
    """So that tmux hands it on to the terminal outside."""
    if environment.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
