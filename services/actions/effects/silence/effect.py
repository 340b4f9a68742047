"""Silences one alert in an Alertmanager, by all of its labels; the silence's comment names the action."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.actions.effects.effect import Order
from services.actions.effects.once import Answer, Unheard
from services.actions.effects.outside import Outside
from services.actions.effects.silence.alertmanager import Api, Told, id_in
from services.actions.evidence import ago
from services.actions.found import Found
from services.actions.ids import split
from services.actions.journal import Record
from services.actions.plan import Outcome, Request, Target
from services.actions.recorded import ended
from services.actions.refused import Refused
from services.actions.site import Site
from services.errors import ActionError, SourceError, Unsettled
from services.model import parse_duration, spell_duration
from services.profile import AlertmanagerSource, Profile, SilenceAction
from services.sources.alertmanager import matchers, status
from services.sources.http_client import without_password
from services.text import safe

LEAST_S = 60.0
ARRIVES_S = 30.0  # what was not there this long after the intent was never taken
FORGOTTEN_S = 86_400.0  # an Alertmanager forgets a silence some days after its end
EARLIER_S = 3600.0


class Silence(Outside):
    tells_later = True  # its comment names the action

    def __init__(self, profile: Profile, action_id: str, action: SilenceAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action
        spec = profile.sources[action.source]
        assert isinstance(spec, AlertmanagerSource)  # or the profile would not have been valid
        self._spec = spec

    @property
    def place(self) -> str:
        return without_password(self._spec.url)

    def obstacle(self) -> str:
        return ""

    def hint(self, record: Record) -> str:
        return f"whether {self.place} has a silence whose comment names the action {record['id']}"

    def _api(self) -> Api:
        return Api(self._spec, self.action.timeout)

    # ---- the preview

    async def look_up(self, request: Request, site: Site) -> Found:
        span = self._span(request)
        async with self._api() as api:
            one, covered = await self._covered(request, api)
        return Found(
            targets=tuple(_target(each, site.now) for each in covered),
            matching=len(covered),
            changes=(self._shown(one, span),),
            reversible=True,
            noun="alert",
            name=one.name or one.fingerprint,
            warnings=tuple(_warnings(one, covered)),
            detail={"request": self._shown(one, span)},
        )

    async def _covered(self, request: Request, api: Api) -> tuple[Told, list[Told]]:
        """The alert, and all that have its labels: no part of these can be silenced without the rest."""
        wanted = self._wanted(request)
        there = await api.alerts()
        one = next((each for each in there if each.fingerprint == wanted), None)
        if one is None:
            raise ActionError(f"{self.place} has no alert {safe(wanted, 64)} now", "it may have ended meanwhile")
        covered = sorted((each for each in there if each.has(one.labels)), key=lambda each: each is not one)
        if len(covered) > self.action.cap:
            message = f"{one.name}: {len(covered)} alerts have its labels; the cap is {self.action.cap}"
            raise ActionError(message, "silence one with more labels, or raise `cap` in the profile")
        return one, covered

    def _wanted(self, request: Request) -> str:
        if unknown := set(request.args) - {"ids", "for"}:
            raise ActionError(f"unknown setting {sorted(unknown)[0]!r}", "there are: ids=FINGERPRINT, for=2h")
        ids = split(request.args.get("ids", ""))
        if len(ids) != 1:
            raise ActionError(
                f"{self._title}: which alert? one at a time", "ids=FINGERPRINT, as the Alerts view has it"
            )
        return ids[0]

    def _span(self, request: Request) -> float:
        given = request.args.get("for", "")
        try:
            span = float(str(parse_duration(given))) if given else self.action.for_
        except ValueError as error:
            raise ActionError(f"{self._title}: for: {error}") from error
        if not LEAST_S <= span <= self.action.max:
            most = f"{spell_duration(LEAST_S)} at least, {spell_duration(self.action.max)} at most"
            raise ActionError(f"{self._title}: for: {safe(given, 40)} is not possible here", most)
        return span

    def _shown(self, one: Told, span: float) -> str:
        return f"silences {safe(matchers(_exactly(one.labels)), 1000)} for {spell_duration(span)}"

    # ---- setting it

    async def do(self, order: Order) -> Outcome:
        request, look = order.plan.request, f"look: {self.hint({'id': order.id})}"
        async with self._api() as api:
            one, covered = await self._covered(request, api)
            span = self._span(request)
            if refused := self._differs(order, self._shown(one, span), covered):
                return order.refused(refused)
            try:
                answer = await api.add(self._silence(order, one, span), self.place)
            except Unheard as error:
                message = f"{self._title}: {error}: whether {self.place} has taken it is not known"
                return order.outcome("unknown", None, message, look)
            await order.on_step("effect")
            if answer.status != 200:
                return self._refused(order, answer, look)
            outcome = await self._read_back(order, api, id_in(answer), look)
        await order.on_step("read back")
        return outcome

    def _differs(self, order: Order, shown: str, covered: list[Told]) -> Refused | None:
        if shown != order.plan.detail.get("request"):
            raise ActionError("the profile's silence is no longer the previewed one", "take a new preview")
        now, before = {each.fingerprint for each in covered}, set(order.ids)
        if now == before:
            return None
        differing = (*(f"{one} is new" for one in sorted(now - before)), *(f"{one} has ended" for one in before - now))
        message = f"{self._title}: it would be about {len(now)} alerts, not the {len(before)} of the preview"
        return Refused("not applied", f"{message}; nothing was changed", "take a new preview", differing)

    def _silence(self, order: Order, one: Told, span: float) -> dict[str, Any]:
        now = time.time()
        return {
            "matchers": _exactly(one.labels),
            # an Alertmanager takes a beginning in the past for now, by its own clock, which may be behind ours
            "startsAt": _time(now - EARLIER_S),
            "endsAt": _time(now + span),
            "createdBy": order.plan.actor,
            "comment": f"{order.reason} (watchdeck action {order.id})".strip(),
        }

    def _refused(self, order: Order, answer: Answer, look: str) -> Outcome:
        words = f"{self._title}: {self.place} answered {answer.status}{f': {answer.said}' if answer.said else ''}"
        if answer.refuses:
            return order.outcome("not applied", 0, f"{words}; it refused", "see what it says; nothing was changed")
        return order.outcome("unknown", None, f"{words}; it may have taken it", look)

    async def _read_back(self, order: Order, api: Api, id: str, look: str) -> Outcome:
        try:
            there = await api.silence(id) if id else None
        except SourceError as error:
            message = f"{self._title}: taken, but it cannot be read back: {error.message}"
            return order.outcome("unknown", None, message, look)
        if there is None or order.id not in str(there.get("comment")):
            return order.outcome("unknown", None, f"{self._title}: taken, but {self.place} does not have it yet", look)
        if status(there) != "active":
            message = f"{self._title}: the silence {id} is there, but {safe(status(there), 40)}"
            return order.outcome("partial", None, message, look)
        count = len(order.ids)
        message = f"{self._title}: done, {count} alert{'s' * (count != 1)} silenced {_until(there)} by the silence {id}"
        return order.outcome("done", count, message)

    # ---- what nobody saw end

    async def settled(self, record: Record, by: str) -> Outcome:
        title = str(record["title"])
        if record["server"] != self.place:
            raise ActionError(f"{self.place} is not where {title!r} was sent to", "settle it with the profile of then")
        async with self._api() as api:
            there = await api.silence_of(str(record["id"]))
        if there is not None:
            state = "silenced" if status(there) in ("active", "pending") else "silenced, and the silence has ended"
            message = f"{title}: applied, {state} {_until(there)} (its reply was lost)"
            return ended(record, "done", len(record["rows"]), message)
        age = time.time() - float(record["wall"])
        if age < ARRIVES_S:
            raise Unsettled(f"{title}: no silence of it is there yet", "it is looked for again by itself")
        if age > FORGOTTEN_S:
            return await super().settled(record, by)
        return ended(record, "not applied", 0, f"{title}: not applied: its reply was lost, and no silence is there")


def _exactly(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in sorted(labels.items())]


def _target(each: Told, now: float) -> Target:
    note = f"since {ago(now - each.since)}" if each.since else ""
    return Target(id=each.fingerprint, label=f"{each.name} {each.words}", type=each.name, state=each.state, note=note)


def _warnings(one: Told, covered: list[Told]) -> list[str]:
    found = ["whatever comes with these labels meanwhile is silenced as well"]
    if others := len(covered) - 1:
        found.append(f"{others} other alert{'s have' if others > 1 else ' has'} these labels and more")
    if one.silenced:
        found.append("it is silenced already")
    return found


def _until(silence: Mapping[str, Any]) -> str:
    return f"until {safe(silence.get('endsAt'), 40)}"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
