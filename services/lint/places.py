"""What named views, tools and signals lead to and is not there: views, pages, sources, and filters nobody can read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.filter import FilterError, parse
from services.places import wrong
from services.profile import NamedView, Profile, Tool

VALUE = "{value}"


def places(profile: Profile) -> Iterator[str]:
    """One line per reference that leads nowhere, naming its table."""
    for name, view in profile.views.items():
        yield from (f"[views.{name}] {said}" for said in _view(profile, view))
    for name, tool in profile.tools.items():
        yield from (f"[tools.{name}] {said}" for said in _tool(tool))
    for group, signals in profile.signals.items():
        for name, signal in signals.items():
            for said in _place(profile, signal.view, signal.source):
                yield f"[signals.{group}] {name}: {said}"
    for table, procedures in (("checklists", profile.checklists), ("playbooks", profile.playbooks)):
        for name, procedure in procedures.items():
            for id_, step in procedure.steps.items():
                if step.view and (said := wrong(step.view)):
                    yield f"[{table}.{name}.steps.{id_}] view: {said}"


def _place(profile: Profile, named: str, source: str = "") -> Iterator[str]:
    if said := wrong(named):
        yield f"view: {said}"
    if source and source not in profile.sources:
        yield f"source: there is no source {source!r}"


def _view(profile: Profile, view: NamedView) -> Iterator[str]:
    yield from _place(profile, view.view, view.source)
    yield from _filter(view.filter)


def _tool(tool: Tool) -> Iterator[str]:
    if said := wrong(tool.view):
        yield f"view: {said}"
    if VALUE not in tool.filter:
        yield f"filter: {VALUE} is not in it, so what was typed would not be looked for"
    try:
        re.compile(tool.pattern)
    except re.error as error:
        yield f"pattern: {tool.pattern!r} is no pattern: {error}"
    yield from _filter(tool.filter.replace(VALUE, "value"))


def _filter(text: str) -> Iterator[str]:
    """Which fields there are is only known once there are rows; how it is written is known now."""
    fields = re.findall(r"(?:^|[\s!(])([\w-]+):", text)
    try:
        parse(text, fields)
    except FilterError as error:
        yield f"filter: {error}".replace("\n  ->", ":")
