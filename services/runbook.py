"""A runbook: one Markdown file, and its sections by the anchors that rules, panes and steps lead to.

A reference is `NAME#ANCHOR`. The anchor of a heading is its text in lower case, with blanks as hyphens and other signs
left out, as on the sites that show Markdown; of headings with the same text the second is `-1`, the third `-2`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from services.errors import ConfigError
from services.text import safe_lines

LIMIT = 1_000_000  # characters; a file this long is no runbook

_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it, up to the next heading of its level or above."""

    anchor: str
    title: str
    level: int  # 1 to 6
    line: int  # of the heading in the runbook's lines, from 0
    end: int  # the line after its last


@dataclass(frozen=True, slots=True)
class Runbook:
    """Every line is safe to show."""

    name: str
    lines: tuple[str, ...]
    sections: tuple[Section, ...]  # in the order of the file

    @property
    def title(self) -> str:
        return self.sections[0].title if self.sections else self.name

    def section(self, anchor: str) -> Section | None:
        return next((section for section in self.sections if section.anchor == anchor), None)

    def text(self, section: Section) -> str:
        """Its Markdown, heading included."""
        return "\n".join(self.lines[section.line : section.end]).rstrip()


def shipped() -> tuple[str, ...]:
    """The names of the runbooks that come with watchdeck."""
    folder = resources.files("services") / "runbooks"
    return tuple(sorted(f.name.removesuffix(".md") for f in folder.iterdir() if f.name.endswith(".md")))


def load(name: str, path: str = "") -> Runbook:
    """The shipped runbook, or the file at `path` under that name. ConfigError when it cannot be read."""
    if not path and name not in shipped():
        raise ConfigError(
            f"there is no runbook {name!r}", f"shipped are {', '.join(shipped())}; [runbook] path names your own"
        )
    file = Path(path).expanduser() if path else resources.files("services") / "runbooks" / f"{name}.md"
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file}: the runbook cannot be read: {error}", "[runbook] path is a Markdown file in UTF-8"
        ) from error
    return parse(name, text)


def anchors(name: str, path: str = "") -> tuple[str, ...]:
    return tuple(section.anchor for section in load(name, path).sections)


def reference(told: str) -> tuple[str, str]:
    """`mre#stale-locks` as the runbook's name and the anchor, which is empty for the whole."""
    name, _, anchor = told.partition("#")
    return name, anchor


def parse(name: str, text: str) -> Runbook:
    lines = safe_lines(text, LIMIT)
    headings = list(_headings(lines))
    taken: dict[str, int] = {}
    return Runbook(
        name,
        lines,
        tuple(
            Section(_unused(slug(title), taken), title, level, line, _end(headings[at + 1 :], level, len(lines)))
            for at, (line, level, title) in enumerate(headings)
        ),
    )


def slug(title: str) -> str:
    """
    >>> slug("Roll back: `api`, workers")
    'roll-back-api-workers'
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _headings(lines: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Line, level and text of each heading; what stands between fences is no heading."""
    fence = ""
    for at, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark:
            fence = mark[1]
        elif heading := _HEADING.fullmatch(line):
            yield at, len(heading[1]), re.sub(r"[`*]", "", _LINK.sub(r"\1", heading[2]))


def _end(later: list[tuple[int, int, str]], level: int, count: int) -> int:
    return next((line for line, other, _ in later if other <= level), count)


def _unused(anchor: str, taken: dict[str, int]) -> str:
    """The anchor, numbered when it is taken; a number that a heading bears by itself is passed over."""
    found = anchor
    while found in taken:
        taken[anchor] += 1
        found = f"{anchor}-{taken[anchor]}"
    taken[found] = 0
    return found
