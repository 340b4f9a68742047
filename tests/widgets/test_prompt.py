"""The prompt gives back what was typed, once it is right, and takes no paste with control characters."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, Static

from tests.widgets.stage import Stage
from widgets.pane import Pane
from widgets.prompt import Prompt


def a_number(text: str) -> str:
    return "" if text.isdecimal() else "a number is wanted"


class Asking(Stage):
    def __init__(self) -> None:
        super().__init__(Pane("Behind"))
        self.answers: list[str | None] = []
        self.changes: list[str] = []

    def ask(self, value: str = "") -> None:
        self.push_screen(Prompt("limit", value, check=a_number, on_change=self.changes.append), self.answers.append)


async def test_only_a_right_answer_is_taken_and_escape_takes_none() -> None:
    app = Asking()
    async with app.run_test(size=(60, 10)) as pilot:
        app.ask()
        await pilot.pause()
        await pilot.press("x", "enter")
        assert app.answers == []
        assert str(app.screen.query_one("#wrong", Static).content) == "a number is wanted"
        await pilot.press("backspace", "8", "enter", "enter")
        await pilot.pause()
        assert app.answers == ["8"] and app.changes == ["x", "", "8"]
        app.ask("3")
        await pilot.pause()
        await pilot.press("escape", "escape")
        assert app.answers == ["8", None]


async def test_a_paste_with_control_characters_is_refused_and_a_plain_one_is_not() -> None:
    app = Asking()
    async with app.run_test(size=(60, 10)) as pilot:
        app.ask()
        await pilot.pause()
        app.post_message(events.Paste("1\x1b[31m2\n3"))
        await pilot.pause()
        assert app.screen.query_one(Input).value == ""
        assert "refused" in str(app.screen.query_one("#wrong", Static).content)
        app.post_message(events.Paste("12"))
        await pilot.pause()
        assert app.screen.query_one(Input).value == "12"
