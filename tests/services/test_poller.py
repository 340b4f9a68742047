"""The poller never raises, never overlaps, backs off, gives up in time and holds itself back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from services.clock import Clock, SystemClock
from services.errors import SourceError
from services.poller import WAVE_S, Poller
from services.readings import FlagsValues, Reading, Values
from tests.clock import FakeClock

VALUES = FlagsValues(())


class Scripted:
    """A source that does what the test says, and counts how many fetches run at the same time."""

    def __init__(self, does: Callable[[], Awaitable[object]], interval_s: float = 2.0, timeout_s: float = 3.0) -> None:
        self.name = "it"
        self.interval_s = interval_s
        self.timeout_s = timeout_s
        self.started: list[float] = []
        self.running = self.most = 0
        self.clock: Clock = SystemClock()
        self._does = does

    async def fetch(self) -> Values:
        self.started.append(self.clock.mono())
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self._does()
        finally:
            self.running -= 1
        return VALUES

    async def close(self) -> None: ...


@asynccontextmanager
async def polling(source: Scripted, clock: FakeClock) -> AsyncIterator[tuple[Poller, list[Reading]]]:
    source.clock = clock
    poller, readings = Poller({"it": source}, clock), list[Reading]()
    task = asyncio.create_task(poller.run(readings.append))
    await clock.settle()
    try:
        yield poller, readings
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        assert task.done()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def quick() -> None: ...


def starts(source: Scripted) -> list[float]:
    return [round(at - source.started[0], 2) for at in source.started]


async def test_the_first_fetch_starts_at_once_and_the_next_ones_at_the_interval(clock: FakeClock) -> None:
    source = Scripted(quick)
    async with polling(source, clock) as (_, readings):
        assert len(readings) == 1
        await clock.advance(6)
    assert starts(source) == [0, 2, 4, 6]
    assert readings[-1] == Reading("it", clock.wall(), clock.mono(), 0.0, 2.0, VALUES)


async def test_a_failure_is_a_reading_and_backs_off_to_eight_seconds(clock: FakeClock) -> None:
    async def refused() -> None:
        raise SourceError("unreachable", "db:5432 refused\x1b[31m", "start it")

    source = Scripted(refused)
    async with polling(source, clock) as (_, readings):
        await clock.advance(30)
    assert starts(source) == [0, 2, 6, 14, 22, 30]
    assert readings[0].fault is not None
    assert (readings[0].fault.kind, readings[0].fault.message) == ("unreachable", "db:5432 refused\\x1b[31m")
    assert [r.interval_s for r in readings[:4]] == [2, 4, 8, 8]


@pytest.mark.parametrize("error", [ValueError("boom"), KeyError("x"), asyncio.CancelledError(), TimeoutError()])
async def test_whatever_is_raised_becomes_a_fault(clock: FakeClock, error: BaseException) -> None:
    async def broken() -> None:
        raise error

    async with polling(Scripted(broken), clock) as (_, readings):
        await clock.advance(3)
    assert [r.values for r in readings] == [None, None]
    assert all(r.fault and r.fault.message.startswith("it: ") for r in readings)


async def test_a_hanging_fetch_is_given_up_and_the_source_is_fresh_within_ten_seconds_of_its_return(
    clock: FakeClock,
) -> None:
    up = asyncio.Event()
    source = Scripted(up.wait)
    async with polling(source, clock) as (_, readings):
        await clock.advance(60)
        assert all(r.fault and r.fault.kind == "timeout" and r.took_s <= 3.5 for r in readings)
        back = clock.mono()
        up.set()
        await clock.advance(10)
    good = next(r for r in readings if r.fault is None)
    assert good.mono - back <= 10
    assert source.most == 1


async def test_also_a_source_with_a_long_interval_is_fresh_soon_after_its_return(clock: FakeClock) -> None:
    async def refused() -> None:
        if clock.mono() < 1100:
            raise SourceError("unreachable", "down")

    async with polling(Scripted(refused, interval_s=60), clock) as (_, readings):
        await clock.advance(110)
    assert readings[-1].fault is None


async def test_a_fetch_that_cannot_be_cancelled_is_left_behind_and_their_number_is_bounded(clock: FakeClock) -> None:
    free = asyncio.Event()

    async def stubborn() -> None:
        while not free.is_set():
            try:
                await free.wait()
            except asyncio.CancelledError:
                continue

    source = Scripted(stubborn)
    async with polling(source, clock) as (_, readings):
        await clock.advance(120)
        assert source.most == 3
        assert readings[-1].fault is not None
        assert "cannot be cancelled" in readings[-1].fault.message
        free.set()
        await clock.advance(9)
        assert readings[-1].fault is None


async def test_a_slow_source_is_asked_less_often_and_says_so(clock: FakeClock) -> None:
    source = Scripted(lambda: clock.sleep(0.4))
    async with polling(source, clock) as (_, readings):
        await clock.advance(30)
    assert starts(source) == [0, 2, 4, 12, 20, 28]
    assert readings[-1].note == "polled every 8 s: a fetch takes 0.4 s"
    assert readings[-1].interval_s == 8


async def test_one_slow_fetch_among_quick_ones_changes_nothing(clock: FakeClock) -> None:
    took = iter([0.9, 0.01, 0.01, 1.5, 0.01, 0.01])
    async with polling(Scripted(lambda: clock.sleep(next(took))), clock) as (_, readings):
        await clock.advance(11)
    assert {r.interval_s for r in readings} == {2.0}


async def test_poll_now_asks_at_once_and_again_when_a_fetch_is_under_way(clock: FakeClock) -> None:
    source = Scripted(lambda: clock.sleep(1))
    async with polling(source, clock) as (poller, _):
        await clock.advance(0.5)
        poller.poll_now()
        poller.poll_now()
        await clock.advance(1)
        assert starts(source) == [0, 1.25]
        await clock.advance(1)
        assert source.running == 0  # two wishes were one poll
        poller.poll_now("another")
        await clock.advance(0.5)
        assert len(source.started) == 2


async def test_faster_and_slower_change_the_interval_in_steps(clock: FakeClock) -> None:
    source = Scripted(quick)
    async with polling(source, clock) as (poller, readings):
        assert [poller.slower(), poller.slower()] == [2.0, 4.0]
        await clock.advance(9)
        assert starts(source) == [0, 0.25, 8.25]
        assert readings[-1].interval_s == 8
        assert [poller.faster() for _ in range(6)][-1] == poller.factor == 0.25


async def test_one_hanging_source_holds_up_no_other(clock: FakeClock) -> None:
    hanging, lively = Scripted(asyncio.Event().wait), Scripted(quick)
    hanging.clock = lively.clock = clock
    readings: list[Reading] = []
    task = asyncio.create_task(Poller({"a": hanging, "b": lively}, clock).run(readings.append))
    await clock.advance(3)
    task.cancel()
    await asyncio.wait({task}, timeout=1)
    assert len([r for r in readings if r.values]) == 2


async def test_an_error_of_the_receiver_is_not_swallowed(clock: FakeClock) -> None:
    def emit(_: Reading) -> None:
        raise RuntimeError("a bug of ours")

    with pytest.raises(ExceptionGroup, match="unhandled"):
        await Poller({"it": Scripted(quick)}, clock).run(emit)


async def test_a_later_source_waits_for_the_answers_before_it_but_not_for_ever(clock: FakeClock) -> None:
    first, later = Scripted(asyncio.Event().wait), Scripted(quick)
    first.clock = later.clock = clock
    task = asyncio.create_task(Poller({"a": first, "b": later}, clock, [{"b"}]).run(lambda _: None))
    await clock.settle()
    assert (starts(first), starts(later)) == ([0], [])
    await clock.advance(1.5)
    task.cancel()
    await asyncio.wait({task}, timeout=1)
    assert [at - first.started[0] for at in later.started] == pytest.approx([WAVE_S])


async def test_a_later_source_starts_as_soon_as_those_before_it_have_answered(clock: FakeClock) -> None:
    first, later = Scripted(quick), Scripted(quick)
    first.clock = later.clock = clock
    task = asyncio.create_task(Poller({"a": first, "b": later}, clock, [{"b"}]).run(lambda _: None))
    await clock.advance(0.1)
    task.cancel()
    await asyncio.wait({task}, timeout=1)
    assert later.started[0] == first.started[0]
