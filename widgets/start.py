"""What is shown when there is no profile: two ways to get one."""

from __future__ import annotations

from widgets.lines import Line, wrap
from widgets.pane import Lines


def welcome(shipped: tuple[str, ...], config: str, width: int = 76) -> Lines:
    """`shipped` are the profiles that come along, `config` the folder for one's own."""
    rows: list[Line] = [
        (("watchdeck has no profile yet", "title"),),
        (),
        *wrap("A profile says what to watch, how to judge it and what may be done about it. Two ways to begin:", width),
        (),
        (("d", "accent"), ("  start the demo: a real stack on this machine, and the console on it", "")),
        (("   watchdeck demo", "dim"),),
        (),
        (("   write a profile of your own; a shipped one is the example to start from", ""),),
        (("   watchdeck profile show mre", "dim"),),
        (),
        *wrap(f"Shipped: {', '.join(shipped)}. One of them is used with `watchdeck --profile NAME`.", width),
        *wrap(f"Looked for: --profile, $WATCHDECK_PROFILE, ./watchdeck.toml, {config}/profile.toml", width, "dim"),
        (),
        (("q", "accent"), ("  quit", "")),
    ]
    return Lines(tuple(rows))
