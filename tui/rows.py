"""Rows that leave the console: one to the clipboard, a whole table to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from widgets.table import TablePane

if TYPE_CHECKING:
    from tui.app import Watchdeck
    from tui.screens.view import ViewScreen


def copy_row(app: Watchdeck, screen: ViewScreen) -> None:
    pane = screen.rows
    row = pane.selected if pane else None
    if pane is None or row is None:
        app.say("there is no row to copy: Tab to a table", "warn")
        return
    app.copy_to_clipboard(pane.copy_text(row))
    app.say("the row is on the clipboard, if the terminal allows it (OSC 52)")


def export_view(app: Watchdeck, screen: ViewScreen) -> None:
    from tui.export import export, shown

    pane = screen.rows or next((found for found in screen.present if isinstance(found, TablePane)), None)
    if pane is None:
        app.say("this view has no table to export", "warn")
        return
    try:
        table, objects = export(f"{screen.view}-{pane.id}", pane.export_rows())
    except OSError as error:
        app.say(f"not exported: {error}", "bad")
    else:
        app.say(f"{len(pane.rows):,} rows: {table.name} and {objects.suffix}, in {shown(table.parent)}", "good")
