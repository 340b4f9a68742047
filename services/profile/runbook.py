"""The table [runbook]: where the text is that rules, sources and steps lead to."""

from __future__ import annotations

from pathlib import Path

from pydantic import field_validator

from services.model import Model


class RunbookPlace(Model):
    """Empty: the runbook of the profile's name that comes with watchdeck."""

    path: str = ""  # a Markdown file, instead of the shipped one
    url: str = ""  # where the same text is for people without a console: notices carry it, with the anchor

    def link(self, profile: str, reference: str) -> str:
        """The address of a section, where the reference is to this profile's own runbook; "" where there is none."""
        name, sharp, anchor = reference.partition("#")
        return f"{self.url}{sharp}{anchor}" if self.url and name == profile else ""

    @field_validator("path")
    @classmethod
    def _says_from_where(cls, path: str) -> str:
        if path and not Path(path).expanduser().is_absolute():
            raise ValueError("must begin with / or ~: the console may be started from any folder")
        return path
