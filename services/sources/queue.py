"""A job queue in Postgres, whatever its tables are called: depths, waits, rates, stale locks, failures and workers.

One round trip per poll asks what may be asked often; once a minute a survey finds out what that is. Percentiles and
rates come from windows that are kept here and fed with what ended since the last poll. Every time is the database's.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.clock import Clock
from services.database import Database, Row, Statement
from services.errors import SourceError
from services.profile import QueueSource
from services.queues import ends, figures, poll, questions
from services.queues.advice import advice
from services.queues.blame import blame
from services.queues.feed import Feed
from services.queues.mapping import LIVE
from services.queues.mapping import Mapping as QueueMapping
from services.queues.poll import ENDS, LIVE_STATES, LOCKS, TRIES, WORKERS
from services.queues.stale import lock, worker
from services.queues.survey import Survey, may_read_messages, survey
from services.queues.window import MOST, JobsWindow, TriesWindow
from services.readings import (
    NO_DATA_YET,
    NOT_RECORDED,
    AtLeast,
    Estimate,
    Figure,
    QueueValues,
    StaleLock,
    Unknown,
    Worker,
)
from services.sources import Parts

SURVEY_EVERY_S = 60.0


def make(name: str, spec: QueueSource, parts: Parts) -> Queue:
    return Queue(name, spec, parts.mapping(name), parts.databases[spec.database], parts.clock)


class Queue:
    def __init__(
        self, name: str, spec: QueueSource, mapping: QueueMapping, database: Database, clock: Clock, most: int = MOST
    ) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._mapping = mapping
        self._database = database
        self._clock = clock
        self._jobs = JobsWindow(spec.window, most)
        self._tries = TriesWindow(spec.window, most)
        self._survey = Survey()
        self._surveyed: float | None = None
        self._slow: dict[str, Unknown] = {}  # dear questions that were not answered in time
        self._answers: dict[str, list[Row]] = {}  # the latest, by question; a dear one's is up to a minute old
        self._types: tuple[str, ...] = spec.types
        self._now = 0.0
        self._deadline = 0.0
        self._messages = True  # until we are told that the errors' texts may not be read
        self._feeds = self._make_feeds()

    async def fetch(self) -> QueueValues:
        self._deadline = self._clock.mono() + self.timeout_s
        try:
            surveyed = await self._survey_if_due()
            if self._survey.hidden is None:
                known = self._types
                await self._poll(surveyed)
                for name in (ENDS, TRIES):
                    if name in self._feeds and name not in self._slow:
                        await self._feeds[name].more(self._ask, self._in_time)
                if len(self._types) > len(known) and self._in_time():
                    await self._count_new()
        except SourceError as error:
            raise blame(error, self._mapping, self.name) from None
        return self._values()

    async def close(self) -> None:
        """The database is shared, and closed by whoever built it."""

    # ---- asking

    def statements(self, deep: bool = False) -> dict[str, Statement]:
        """What a poll asks, by the name of the question; `deep` looks further back than the last poll."""
        asked = poll.statements(self._mapping, self._types, self._survey.small, self._spec.stale_after)
        return asked | {name: feed.first(deep) for name, feed in self._feeds.items()}

    async def _survey_if_due(self) -> bool:
        if self._surveyed is not None and self._clock.mono() - self._surveyed < SURVEY_EVERY_S:
            return False
        if not self._messages:
            await self._check_messages()
        try:
            self._survey = await survey(self._database, self._mapping, self.statements(), self._types)
        except SourceError as error:
            if error.kind != "denied" or not self._messages or await self._check_messages():
                raise
            self._survey = await survey(self._database, self._mapping, self.statements(), self._types)
        self._surveyed = self._clock.mono()
        return True

    async def _check_messages(self) -> bool:
        """Whether the errors' texts may be read: a viewer has to do with their codes."""
        messages = await may_read_messages(self._database, self._mapping)
        if messages != self._messages:
            self._messages = messages
            self._feeds = self._make_feeds()
        return messages

    async def _poll(self, surveyed: bool) -> None:
        asked = self.statements(deep=surveyed)
        if self._survey.workers:
            del asked[WORKERS]
        now: Statement = ("SELECT extract(epoch FROM now())::float8 AS now", None)
        often = {name: statement for name, statement in asked.items() if name not in self._survey.dear}
        answers = await self._database.batch([now, *often.values()], timeout=self._time_left())
        self._now = answers[0][0]["now"]
        for name, rows in zip(often, answers[1:], strict=True):
            self._take(name, rows)
        if surveyed:
            self._slow = {}
            for name in asked.keys() & self._survey.dear:
                await self._ask_dear(name, asked[name])

    async def _count_new(self) -> None:
        """A type that this poll was the first to meet has been counted in its live states only."""
        self._surveyed = None
        await self._survey_if_due()
        asked = self.statements()
        for state in poll.counted(self._mapping, self._survey.small):
            await self._ask_dear(poll.counting(state), asked[poll.counting(state)])

    async def _ask_dear(self, name: str, statement: Statement) -> None:
        """On its own, so that not being answered in time is its own misfortune."""
        try:
            self._take(name, await self._ask(statement))
        except SourceError as error:
            if error.kind != "timeout":
                raise
            self._answers.pop(name, None)
            self._slow[name] = Unknown("failed", f"not answered in {self.timeout_s:g} s: there is no index on {name}")

    async def _ask(self, statement: Statement) -> list[Row]:
        return await self._database.rows(*statement, timeout=self._time_left())

    def _in_time(self) -> bool:
        return self._deadline - self._clock.mono() > self.timeout_s / 3

    def _time_left(self) -> float | None:
        """None while there is about as much as the connection allows by itself: setting a limit costs the server."""
        left = max(0.05, self._deadline - self._clock.mono())
        return None if self._database.timeout * 0.8 < left <= self._database.timeout else left

    # ---- taking answers in

    def _make_feeds(self) -> dict[str, Feed]:
        mapping, window = self._mapping, self._spec.window
        feeds = {}
        if questions.keeps_history(mapping) and mapping.columns.finished_at:
            feeds[ENDS] = Feed(
                questions.ends(mapping, mapping.columns.finished_at, self._messages), window, self._ended
            )
        if mapping.attempts:
            sql = questions.tries(mapping.attempts, mapping.source.naive_tz, self._messages)
            feeds[TRIES] = Feed(sql, window, self._tried)
        return feeds

    def _take(self, name: str, rows: list[Row]) -> None:
        if name in self._feeds:
            self._feeds[name].take(rows, self._now)
        else:
            self._answers[name] = rows
        if name == LIVE_STATES:
            self._meet(row["type"] for row in rows)

    def _ended(self, rows: list[Row], now: float) -> bool:
        self._jobs.feed([ends.ended(row) for row in rows], now)
        self._meet(row["type"] for row in rows)
        ends.say(self._jobs.errors, rows)
        return not self._jobs.kept.full

    def _tried(self, rows: list[Row], now: float) -> bool:
        self._tries.feed([ends.tried(row) for row in rows], now)
        ends.say(self._tries.errors, rows)
        return not self._tries.kept.full

    def _meet(self, types: Iterable[str | None]) -> None:
        """A type once seen stays, after those of the profile, even when nothing of it is left."""
        new = sorted({type_ for type_ in types if type_ is not None} - set(self._types))
        self._types = (*self._types, *new)[: questions.MOST_TYPES]

    # ---- values

    def _values(self) -> QueueValues:
        material = self._material()
        types = tuple(figures.of_type(material, type_) for type_ in self._types)
        stale, dead, owned = self._locks()
        errors = self._tries.errors if self._mapping.attempts else self._jobs.errors
        window = self._spec.window
        return QueueValues(
            types=types,
            total=figures.of_all(material, types),
            window_s=window,
            ended=self._ended_figure(material),
            filled_s=material.filled_s,
            stale=stale,
            stale_count=dead,
            stuck_count=owned,
            failures=figures.failures(errors, self._now, window),
            workers=self._workers(),
            finished_per_minute=figures.per_minute(self._jobs.minutes, self._now, window),
            advice=tuple(self._advice(material)),
        )

    def _advice(self, material: figures.Material) -> Iterable[str]:
        return advice(self._mapping, self._survey, frozenset(self._slow), material.cut, self._messages)

    def _material(self) -> figures.Material:
        rows = self._answers.get(LIVE_STATES, [])
        live = [state for state in LIVE if state in self._mapping.states]
        counts = {state: self._by_type(rows, state, LIVE_STATES) for state in (*live, *self._mapping.extra)}
        for state in poll.counted(self._mapping, self._survey.small):
            counts[state] = self._by_type(self._answers.get(poll.counting(state), []), state, poll.counting(state))
        totals: dict[str, Figure] = {}
        for (state, type_), guess in self._survey.estimates.items():
            if type_ is None:
                totals[state] = Estimate(guess)
            else:
                counts.setdefault(state, self._not_asked())[type_] = Estimate(guess)
        feed = self._feeds.get(ENDS)
        return figures.Material(
            mapping=self._mapping,
            now=self._now,
            window_s=self._spec.window,
            filled_s=feed.filled_s(self._now) if feed else 0.0,
            counts=counts,
            totals=totals,
            oldest_at={row["type"]: row.get("oldest_at") for row in rows},
            jobs=self._jobs,
            tries=self._tries,
            unreadable=self._survey.hidden,
        )

    def _by_type(self, rows: list[Row], state: str, question: str) -> dict[str, Figure]:
        if question in self._slow:
            return dict.fromkeys(self._types, self._slow[question])
        if self._survey.small and question != LIVE_STATES:
            return {row["type"]: row[state] for row in rows if state in row}
        found = {row["type"]: self._capped(row[state]) for row in rows if state in row}
        return found if question == LIVE_STATES else self._not_asked() | found

    def _not_asked(self) -> dict[str, Figure]:
        """Finished rows are counted type by type: of a type that was not asked about, none is not known."""
        return dict.fromkeys(self._types, NO_DATA_YET)

    def _capped(self, count: int) -> Figure:
        """The queries stop one past the cap."""
        cap = self._mapping.cost.cap
        return AtLeast(cap) if count > cap else count

    def _locks(self) -> tuple[tuple[StaleLock, ...], Figure, Figure]:
        stale = self._mapping.stale
        if why := self._survey.hidden or self._slow.get(LOCKS):
            return (), why, why
        if stale is None or questions.held_since(self._mapping) is None:
            return (), NOT_RECORDED, NOT_RECORDED
        rows = self._answers.get(LOCKS, [])
        first = rows[0] if rows else {"dead": 0, "owned": 0, "old": 0}
        found = tuple(lock(row, stale) for row in rows)
        cut = first["old"] > questions.LOCKS_CAP
        dead, owned, old = (AtLeast(n) if cut else n for n in (first["dead"], first["owned"], first["old"]))
        return (found, NOT_RECORDED, old) if stale.alive is None else (found, dead, owned)

    def _workers(self) -> tuple[Worker, ...] | Unknown:
        table = self._mapping.workers
        if table is None:
            return NOT_RECORDED
        if why := self._survey.workers or self._slow.get(WORKERS):
            return why
        return tuple(worker(row, table) for row in self._answers.get(WORKERS, []))

    def _ended_figure(self, material: figures.Material) -> Figure:
        if why := self._survey.hidden or self._slow.get(ENDS):
            return why
        if ENDS not in self._feeds:
            return NOT_RECORDED
        return AtLeast(self._jobs.all.ended) if material.cut else self._jobs.all.ended
