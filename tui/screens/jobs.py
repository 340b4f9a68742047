"""3 Jobs: the queue's rows, a page at a time by keyset, under a filter that the database answers."""

from __future__ import annotations

from collections.abc import Iterator

from textual import work

from services.errors import WatchdeckError
from services.filter import JOB_FIELDS
from services.readings import JobCursor, JobPage
from tui import relay
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table, wrong
from tui.selection import Selection, rows_of
from widgets import jobs
from widgets.pane import Content
from widgets.table import TablePane
from widgets.vitals import Vitals

PAGE = 100
RELOAD_S = 5.0  # a page at rest is looked at again this often, on the browse lane


class Jobs(ViewScreen):
    view, named = "jobs", "Jobs"
    hints = (
        ("open", "job"),
        ("filter", "filter"),
        ("mark", "mark"),
        ("act.requeue", "requeue"),
        ("act.fail", "fail"),
    )

    def __init__(self) -> None:
        self.filter = ""
        self.order = "newest"
        self.page: JobPage | None = None
        self.problem: WatchdeckError | None = None
        self.loaded_at: float | None = None  # monotonic
        self.place: tuple[str, JobCursor | None] = ("after", None)
        super().__init__()

    def make(self) -> Iterator[Slot]:
        self.list = table("Jobs", "jobs")
        yield Slot(self.list, "queue", self._content)

    def _content(self, deck: Deck) -> Content | None:
        return jobs.page(self.page) if self.page else None

    # -- loading -----------------------------------------------------------------------------------------------------

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        self.tick(deck)

    def tick(self, deck: Deck) -> None:
        age = None if self.loaded_at is None else max(0.0, deck.mono - self.loaded_at)
        if not deck.frozen and (age is None or age >= RELOAD_S):
            self.load()
        if not deck.source("queue"):
            vitals = Vitals("not configured")
        elif self.console.options.via:
            vitals = relay.unread(self.console.options.via)
        elif self.problem and self.page is None:
            vitals = Vitals("failed", reason=self.problem.message, remedy=self.problem.remedy)
        elif self.problem:
            vitals = Vitals("stale", age, self.problem.message, self.problem.remedy)
        else:
            vitals = Vitals("loading" if age is None else "frozen" if deck.frozen else "fresh", age)
        self.list.show(self._content(deck), vitals)

    @work(group="browse", exclusive=True)
    async def load(self) -> None:
        from services.filter import parse
        from services.queues.browse import job_page

        where = self.console.queue_database()
        if where is None:
            return
        direction, cursor = self.place
        try:
            page = await job_page(
                *where,
                parse(self.filter),
                self.order,
                after=cursor if direction == "after" else None,
                before=cursor if direction == "before" else None,
                limit=PAGE,
            )
        except WatchdeckError as error:
            self.problem = error
        else:
            self.page, self.problem = page, None
            self.loaded_at = self.console.clock.mono()
        words = [word for word in (self.order, self.filter and f"/{self.filter}", self.page and self.page.note) if word]
        self.list.retitle(f"Jobs · {' · '.join(words)}")
        self.tick(self.console.deck)

    def find(self, filter: str) -> None:
        """From the first page, the jobs that match."""
        self.filter = filter.strip()
        self._go("after", None)

    def _go(self, direction: str, cursor: JobCursor | None) -> None:
        self.place = (direction, cursor)
        self.loaded_at = None
        self.load()

    # -- keys --------------------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        at_end = bool(self.list.rows) and self.list.selected is self.list.rows[-1 if by > 0 else 0]
        if not (at_end and self._turn(by)):
            super().action_move(by)

    def action_page(self, direction: int) -> None:
        at_end = bool(self.list.rows) and self.list.selected is self.list.rows[-1 if direction > 0 else 0]
        if not (at_end and self._turn(direction)):
            super().action_page(direction)

    def _turn(self, by: int) -> bool:
        """The next page, or the one before; False when there is none."""
        page = self.page
        if page is None or self.loaded_at is None:
            return False
        backwards = self.place[0] == "before"
        if by > 0 and page.last and (page.more or backwards):
            self._go("after", page.last)
            self.list.top()
            return True
        if by < 0 and page.first and (page.more if backwards else self.place[1] is not None):
            self._go("before", page.first)
            self.list.bottom()
            return True
        return False

    def action_sort(self) -> None:
        """The orders that an index serves, in turn; sorting one page would only seem to sort."""
        from services.queues.browse import ORDERS

        self.order = ORDERS[(ORDERS.index(self.order) + 1) % len(ORDERS)]
        self._go("after", None)

    def action_reverse(self) -> None:
        self.status.say("jobs have four orders, s goes through them", "warn")

    def action_filter(self) -> None:
        from widgets.prompt import Prompt

        self.app.push_screen(
            Prompt(f"jobs: {', '.join(JOB_FIELDS)}", self.filter, check=lambda text: wrong(text, JOB_FIELDS)),
            lambda text: None if text is None else self.find(text),
        )

    def action_back(self) -> None:
        if self.filter:
            self.find("")
        else:
            super().action_back()

    def selection(self) -> Selection:
        chosen = rows_of(self.list, "jobs")
        if self.filter and not chosen.marked:
            return Selection("jobs", type=chosen.type, filter=self.filter)
        return chosen

    def on_table_pane_opened(self, event: TablePane.Opened) -> None:
        self.console.job(event.row.key)
