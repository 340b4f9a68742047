"""Pictures of the screen: an SVG per test under snapshots/, compared text by text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import PropertyFilter, PropertyMatcher, SerializableData, SerializedData
from textual.app import App

ROOT = Path(__file__).parent.parent


class Picture(SingleFileSnapshotExtension):
    """`assert app == picture` compares the app's screen with snapshots/<test module>/<test name>.svg."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(ROOT / "snapshots" / Path(test_location.filepath).stem)

    def serialize(
        self,
        data: SerializableData,
        *,
        exclude: PropertyFilter | None = None,
        include: PropertyFilter | None = None,
        matcher: PropertyMatcher | None = None,
    ) -> SerializedData:
        return svg(data)


def svg(app: App[Any]) -> str:
    """The screen as SVG, without the random prefix that every export gets."""
    drawn = app.export_screenshot(title="", simplify=True)
    return re.sub(r"terminal-\d+-", "terminal-", drawn)
