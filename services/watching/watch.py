"""The watch: readings and time go in, alerts and notices come out. It is the same with a screen and without one."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.alerts import Acknowledged, Alert, Alerts
from services.alerts import State as Standing
from services.clock import Clock
from services.readings import Reading
from services.rules import judge
from services.rules.past import Past
from services.rules.silent import FAILURES
from services.silence import Silence
from services.state import Said, State, Word, kept, path_of
from services.state.saved import TURNS
from services.watching.network import Network
from services.watching.quiet import Quiet
from services.watching.resume import adopted, resumed, shifted, shifted_silence
from services.watching.telling import Hear, Telling
from services.watching.transitions import Transition, transitions

if TYPE_CHECKING:
    from services.profile import EndpointMetrics, Profile

AUDIT = "audit"  # the console's own source
AUDIT_S = 5.0
FILL_S = 60.0  # sources that have not answered by then are not waited for
KEPT_S = 60.0  # how old what others read of the alerts may be; older than twice that, nobody watches
STEP_S = 2.0  # of the wall clock against the monotonic one: more is no drift


class Watch:
    """Fed by one poller on one event loop. `run` goes beside it, and asks whether the network is there."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        self.profile = profile
        self.alerts = Alerts()
        self.quiet = Quiet(maintenance=profile.maintenance)
        self.state = State(clock.wall)
        self._clock = clock
        every = {name: source.interval for name, source in profile.sources.items()}
        self.past = Past.awaiting({**every, AUDIT: AUDIT_S}, profile.rules, _counted(profile))
        self.past.at(clock.mono(), clock.wall())
        self.network = Network(profile.references, clock, lambda: self.past.snapshot)
        self._telling = Telling()
        self._transitions: deque[Transition] = deque(maxlen=TURNS)
        self._words: set[Word] = set()  # that were applied
        self._stood: dict[str, Standing] = {}  # before the start, of what has not been judged since
        self._begun = clock.mono()
        self._kept_at: float | None = None  # when all alerts were written, by the monotonic clock
        self._offset = clock.wall() - clock.mono()

    @classmethod
    def restored(cls, profile: Profile, clock: Clock, apart: bool = False) -> Watch:
        """One that goes on from what the run before left. In a thread: it waits for the disk, and may take a while.

        `apart`: from what one left that reads elsewhere; it must not keep others from judging and telling.
        """
        watch = cls(profile, clock)
        state = State.open(path_of(profile, apart), clock.wall)
        watch.past.restore(*state.spans())
        watch.restore(state)
        return watch

    # -- what comes in -----------------------------------------------------------------------------------------------

    def restore(self, state: State) -> None:
        """Before the first reading: go on from what the run before left, and keep what happens from now on."""
        self.state, saved = state, state.saved
        wall = self._clock.wall()
        self.alerts = resumed(saved.alerts, wall)
        self._stood = {alert.key: alert.state for _, alert in saved.alerts}
        self._transitions.extend(saved.transitions)
        self._telling.go_on(saved)
        self._words = set(saved.said.words)  # what they did is in the alerts
        self._obey(saved.said)

    def listen(self, hear: Hear) -> None:
        """Who is told what is due. A notice may come twice over a restart, with the same id."""
        self._telling.hear = hear

    def take(self, reading: Reading) -> None:
        figures = self.past.take(reading)
        self.tick()
        # what fires or is worked on is not what is usual
        spell = any(alert.source == reading.source and (alert.active or alert.silenced) for alert in self.alerts)
        self.state.keep_figures(reading.source, figures, reading.at, spell)

    def tick(self) -> None:
        """What there is to say now. Also some time later, with nothing new."""
        mono, wall = self._clock.mono(), self._clock.wall()
        self._mind_step(wall - mono)
        if left := self.state.left():
            self.alerts = adopted(self.alerts, left.told)
            self._telling.go_on(left)
            self.state.keep(kept.alerts(self.alerts, wall))
        if said := self.state.news():
            self._obey(said)
        if hours := self.state.hours():
            self.past.learn(hours)
        self.past.at(mono, wall)
        before = self.alerts
        rules, sources = self.profile.rules, self.profile.sources
        self.alerts = judge(rules, sources, self.past, before, self.quiet, self.network.cut_off)
        self._keep(before, wall)
        self._keep_all(mono, wall)
        self._telling.note(self.alerts, self.state, wall)
        if self.settled and self.state.keeps and not self.network.undecided:
            self._telling.tell(self.alerts, self.quiet.now(wall), self.state, wall)

    async def run(self) -> None:
        await self.network.run()

    @property
    def settled(self) -> bool:
        """Whether every source has answered, or failed for good, since the start. Before that nothing is told."""
        if self._clock.mono() - self._begun > FILL_S:
            return True
        states = (self.past.state(name) for name in self.profile.sources)
        return all(state and (state.good or state.failures >= FAILURES) for state in states)

    # -- what people say ---------------------------------------------------------------------------------------------

    def acknowledge(self, key: str, by: str, reason: str = "") -> bool:
        """Whether there is anything to have in hand: an alert that fires or recovers."""
        alert = self.alerts.get(key)
        if alert is None or not alert.active:
            return False
        word = Word(key, self._clock.wall(), by, reason)
        self.state.keep(kept.word(word))
        self._apply(word)
        return True

    def silence(self, match: Mapping[str, str], until: float | None, by: str, comment: str = "") -> Silence:
        """ValueError where it would silence everything. re.error where a condition is no pattern."""
        if not match:
            raise ValueError("a silence needs at least one condition: it would silence everything")
        silence = Silence(secrets.token_hex(3), tuple(match.items()), self._clock.wall(), until, by, comment)
        self._lay(silence)
        return silence

    def unsilence(self, id_: str) -> bool:
        """Whether there was such a silence."""
        silence = self.quiet.silences.get(id_)
        if silence:
            self._lay(replace(silence, until=self._clock.wall()))
        return silence is not None

    def transitions(self, key: str = "", limit: int = 50) -> tuple[Transition, ...]:
        """The newest first; of one alert, or of all."""
        found = [turn for turn in reversed(self._transitions) if key in ("", turn.key)]
        return tuple(found[:limit])

    # -- between the two ---------------------------------------------------------------------------------------------

    def _keep(self, before: Alerts, wall: float) -> None:
        """What has changed, and the timers of what waits for something."""
        changed = [alert for key, alert in self.alerts.by_key.items() if before.get(key) is not alert]
        if not changed and len(before.by_key) == len(self.alerts.by_key):
            return
        turns = tuple(turn for turn in transitions(before, self.alerts, wall) if self._is_news(turn))
        turned = {turn.key for turn in turns}
        self._transitions.extend(turns)
        waiting = ("pending", "recovering")
        self.state.keep(
            kept.transitions(turns),
            kept.alerts((a for a in changed if a.key in turned or a.state in waiting or _held(a, before)), wall),
            kept.no_alerts(key for key in before.by_key if self.alerts.get(key) is None),
        )

    def _keep_all(self, mono: float, wall: float) -> None:
        """With the values that they have now: for who looks at the file, and sees by it that this goes on."""
        if self._kept_at is None or mono - self._kept_at >= KEPT_S:
            self._kept_at = mono
            self.state.keep(kept.alerts(self.alerts, wall))

    def _is_news(self, turn: Transition) -> bool:
        """That an alert stands as it did before the start is none."""
        stood = self._stood.pop(turn.key, None)
        return turn.state != stood or bool(turn.said)

    def _obey(self, said: Said) -> None:
        """What people said, here or in another console on this machine."""
        self._silences(said.silences.values())
        for word in said.words:
            if word not in self._words:
                self._apply(word)

    def _apply(self, word: Word) -> None:
        """It holds for the episode in which it was said."""
        self._words.add(word)
        alert = self.alerts.get(word.key)
        if alert and alert.active and (alert.fired_at is None or word.at >= alert.fired_at):
            ack = Acknowledged(word.by, word.at, word.reason, alert.level)
            self._change({word.key: replace(alert, acknowledged=ack)})

    def _lay(self, silence: Silence) -> None:
        self.state.keep(kept.silence(silence))
        self._silences((*self.quiet.silences.values(), silence))
        self.tick()

    def _silences(self, found: Iterable[Silence]) -> None:
        """Those that have not ended; of two with one id the later."""
        wall = self._clock.wall()
        laid = {silence.id: silence for silence in found}
        in_force = {id_: one for id_, one in laid.items() if one.until is None or one.until > wall}
        self.quiet = replace(self.quiet, silences=MappingProxyType(in_force))

    def _change(self, alerts: Mapping[str, Alert]) -> None:
        before, self.alerts = self.alerts, Alerts(MappingProxyType({**self.alerts.by_key, **alerts}))
        self._keep(before, self._clock.wall())

    def _mind_step(self, offset: float) -> None:
        """Somebody has set the machine's clock: what is stored goes with it."""
        by, self._offset = offset - self._offset, offset
        if abs(by) <= STEP_S:
            return
        self.alerts = shifted(self.alerts, by)
        self._telling.shift(by)
        if self.state.keeps:  # the others hear of them from here
            moved = [shifted_silence(silence, by) for silence in self.quiet.silences.values()]
            self._silences(moved)
            self.state.keep(*map(kept.silence, moved), kept.alerts(self.alerts, self._clock.wall()))


def _counted(profile: Profile) -> dict[str, EndpointMetrics]:
    """The sources whose pages count an API's requests."""
    return {name: source.http for name, source in profile.of_kind("prometheus").items() if source.http}


def _held(alert: Alert, before: Alerts) -> bool:
    """Whether something holds it back, or does no more: who looks at the file is to know at once."""
    known = before.get(alert.key)
    return known is not None and known.loud != alert.loud
