"""Every binding of the console, once: Textual's bindings, the help, the footer and remapping come from here."""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding


class Key(NamedTuple):
    """`key` may name several, separated by blanks. `action` is Textual's, on the screen that is shown."""

    id: str
    key: str
    action: str
    help: str
    group: str
    acts: bool = False

    @property
    def spelled(self) -> str:
        return ",".join(normal(key) for key in self.key.split(" "))

    @property
    def shown(self) -> str:
        return " ".join(_SHOWN.get(key, key) for key in self.key.split(" "))


_SHOWN = {
    "space": "Space",
    "escape": "Esc",
    "enter": "Enter",
    "ctrl+r": "^R",
    "ctrl+p": "^P",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
}


def normal(key: str) -> str:
    """A key as Textual spells it: `/` is `slash`."""
    return next(iter(Binding.make_bindings([(key, "x", "x")]))).key


VIEWS = (
    ("overview", "1", "Overview"),
    ("queues", "2", "Queues"),
    ("jobs", "3", "Jobs"),
    ("locks", "4", "Locks"),
    ("failures", "5", "Failures"),
    ("runs", "6", "Runs"),
    ("api", "7", "API"),
    ("database", "8", "Database"),
    ("storage", "9", "Storage"),
    ("alerts", "0", "Alerts"),
)

OWN = "Of this profile"

KEYS: tuple[Key, ...] = (
    *(Key(f"view.{name}", key, f"view('{name}')", title, "Views") for name, key, title in VIEWS),
    Key("view.last", "-", "last_view", "the view before", "Views"),
    Key("move.down", "j down", "move(1)", "down", "Move"),
    Key("move.up", "k up", "move(-1)", "up", "Move"),
    Key("move.left", "left", "side(-1)", "the pane before", "Move"),
    Key("move.right", "right", "side(1)", "the pane after", "Move"),
    Key("move.top", "g home", "edge(-1)", "first row", "Move"),
    Key("move.bottom", "G end", "edge(1)", "last row", "Move"),
    Key("move.page-up", "pageup", "page(-1)", "a page up", "Move"),
    Key("move.page-down", "pagedown", "page(1)", "a page down", "Move"),
    Key("open", "enter", "open", "look into it", "Move"),
    Key("back", "escape", "back", "go up, clear the filter", "Move"),
    Key("filter", "/", "filter", "filter: word !word field:x", "Rows"),
    Key("sort", "s", "sort", "sort by the next column", "Rows"),
    Key("sort.reverse", "S", "reverse", "reverse the order", "Rows"),
    Key("mark", "space", "mark", "mark the row, tick the step", "Rows"),
    Key("unmark", "u", "unmark", "clear the marks, the tick", "Rows"),
    Key("copy", "y", "copy", "copy the row", "Rows"),
    Key("runbook", "o", "runbook", "the runbook on what is selected", "Rows"),
    Key("acknowledge", "a", "acknowledge", "have the alert in hand", "Rows"),
    Key("silence", "m", "silence", "silence it, lift a silence", "Rows"),
    Key("incident", "i", "incident", "an incident: open one, go to it", "Rows"),
    Key("note", "n", "note", "a note to the incident or record", "Rows"),
    Key("export", "e", "export", "export as CSV and JSON", "Rows"),
    Key("read", "r", "read", "read what is restricted, under an elevation", "Rows"),
    Key("step.skip", "x", "step('skip')", "checklist: skip the step", "Rows"),
    Key("step.fail", "f", "step('fail')", "checklist: the step failed", "Rows"),
    Key("step.complete", "c", "step('complete')", "checklist: complete the run", "Rows"),
    Key("palette", ": ctrl+p", "palette", "palette: views and actions", "Console"),
    Key("help", "?", "help", "this help", "Console"),
    Key("poll", "ctrl+r", "poll", "poll now", "Console"),
    Key("freeze", "z", "freeze", "freeze the screen, unfreeze", "Console"),
    Key("slower", "+", "slower", "poll less often", "Console"),
    # `-` alone is the view before; with Shift, beside the plus, it is free
    Key("faster", "_", "faster", "poll more often", "Console"),
    Key("source", "w", "source", "the next source, if several", "Console"),
    Key("turn", "v", "turn", "the next page of this view", "Console"),
    Key("quit", "q", "leave", "quit", "Console"),
    Key("act.release", "R", "act('R')", "release stale locks", "Act", acts=True),
    Key("act.requeue", "Q", "act('Q')", "requeue jobs", "Act", acts=True),
    Key("act.fail", "F", "act('F')", "mark jobs failed", "Act", acts=True),
    Key("act.pause", "P", "act('P')", "pause or resume a job type", "Act", acts=True),
    Key("act.terminate", "T", "act('T')", "terminate a database session", "Act", acts=True),
    Key("act.elevate", "E", "act('E')", "ask for an elevation", "Act", acts=True),
    Key("act.all", "X", "act_menu", "all actions", "Act", acts=True),
    # the other capital letters are for whatever a profile puts on them
    *(Key(f"act.{letter.lower()}", letter, f"act('{letter}')", "", OWN, acts=True) for letter in "ABCDHIJKLMNOUVWYZ"),
)
GROUPS = ("Views", "Move", "Rows", "Console", "Act")


def spot(view: str) -> str:
    """A view's key and name as the banner has them: "2 Queues"; views without a digit have their name alone."""
    return next((f"{key} {title}" for name, key, title in VIEWS if name == view), view.capitalize())


def bindings() -> list[Binding]:
    return [Binding(key.spelled, key.action, key.help, show=False, id=key.id) for key in KEYS]
