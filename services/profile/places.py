"""The tables [views], [tools], [signals] and [house]: names that people look for, and where they lead."""

from __future__ import annotations

from services.model import Model


class NamedView(Model):
    """A place in the console under a name of its own: `:NAME` opens it."""

    title: str
    view: str  # "view" or "view/page"
    source: str = ""  # shown there, where there are several
    filter: str = ""
    runbook: str = ""


class Tool(Model):
    """Asks for one thing, and opens a view filtered by it: `{value}` in `filter` is what was typed."""

    title: str
    ask: str
    pattern: str = ".+"
    view: str = "logs"
    filter: str = "{value}"
    runbook: str = ""


class Signal(Model):
    """Something that the runbook wants to be on a dashboard: where it is."""

    view: str  # "view" or "view/page"
    source: str = ""


class HouseRule(Model):
    """What always holds in this system, in one sentence."""

    text: str
    runbook: str = ""
