"""One job: its row, and its attempts with the errors they ended in."""

from __future__ import annotations

from collections.abc import Iterator

from textual import work

from services.errors import WatchdeckError
from services.readings import JobDetail
from tui import relay
from tui.deck import Deck
from tui.screens.view import Slot, ViewScreen, table
from tui.selection import Selection
from widgets import jobs
from widgets.pane import Pane
from widgets.vitals import Vitals

RELOAD_S = 5.0


class Job(ViewScreen):
    view, named = "job", "Job"
    hints = (
        ("back", "back"),
        ("read", "restricted"),
        ("act.requeue", "requeue"),
        ("act.fail", "fail"),
        ("act.all", "actions"),
    )
    DEFAULT_CSS = """
    Job #facts { height: 2fr; min-height: 14; }
    Job.-low #facts { height: 1fr; }
    """

    def __init__(self, job: str) -> None:
        self.job = job
        self.detail: JobDetail | None = None
        self.problem: WatchdeckError | None = None
        self.loaded_at: float | None = None
        super().__init__()

    def make(self) -> Iterator[Slot]:
        self.facts = Pane(f"Job {self.job}", id="facts")
        yield Slot(self.facts, "queue", lambda deck: None)
        self.attempts = table("Attempts", "attempts")
        self.attempts.add_class("second")
        yield Slot(self.attempts, "queue", lambda deck: None)

    def show(self, deck: Deck, sources: frozenset[str] | None = None) -> None:
        self.tick(deck)

    def tick(self, deck: Deck) -> None:
        age = None if self.loaded_at is None else max(0.0, deck.mono - self.loaded_at)
        if not deck.frozen and (age is None or age >= RELOAD_S):
            self.load()
        if self.detail is None:
            problem = self.problem
            vitals = Vitals("failed", reason=problem.message, remedy=problem.remedy) if problem else Vitals()
            if self.console.options.via:
                vitals = relay.unread(self.console.options.via)
            self.facts.show(None, vitals)
            self.attempts.show(None, vitals)
            return
        vitals = Vitals("stale" if self.problem else "fresh", age, self.problem.message if self.problem else "")
        self.facts.show(jobs.detail(self.detail), vitals)
        self.attempts.show(jobs.attempts(self.detail), vitals)

    @work(group="browse", exclusive=True)
    async def load(self) -> None:
        from services.queues.browse import job_detail

        where = self.console.queue_database()
        if where is None:
            return
        try:
            self.detail = await job_detail(*where, self.job)
        except WatchdeckError as error:
            self.problem = error
        else:
            self.problem = None
            self.loaded_at = self.console.clock.mono()
        self.tick(self.console.deck)

    def action_read(self) -> None:
        self.console.read_restricted(self.job)

    def selection(self) -> Selection:
        return Selection("jobs", (self.job,), type=self.detail.job.type if self.detail else "")
