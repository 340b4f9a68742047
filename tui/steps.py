"""What Enter can do on a line of a runbook: begin a procedure, start an action, follow a link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from services.profile import Profile
    from widgets.markdown import DocLine


@dataclass(frozen=True, slots=True)
class Step:
    kind: Literal["procedure", "action", "link"]
    name: str  # the id, or where the link leads


def begun_at(profile: Profile, section: str) -> Iterator[Step]:
    """The procedures whose own section (NAME#ANCHOR) this is: they begin at its heading."""
    for id_, procedure in profile.procedures.items():
        if procedure.runbook == section:
            yield Step("procedure", id_)


def named_in(line: DocLine) -> Iterator[Step]:
    yield from (Step("action", action) for action in line.actions)
    yield from (Step("link", link) for link in line.links)
