"""Sends one request, once. A reply that was lost leaves it unknown: it is never sent a second time."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from services.actions.effects.check import checked_after, in_words
from services.actions.effects.effect import Order
from services.actions.effects.outside import Outside
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.params import WHOLE, argument, checked
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.profile import HttpAction, Profile
from services.text import safe

CONNECT_S = 5.0
BODY_S = 2.0
_BODY = 8192  # of the answer: it is only quoted
_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Http(Outside):
    def __init__(self, profile: Profile, action_id: str, action: HttpAction) -> None:
        super().__init__(profile, action_id, action)
        self.action = action

    @property
    def place(self) -> str:
        """Scheme, host and port: a name and a password that stand before them stay in the profile."""
        parts = urlsplit(self.action.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    async def look_up(self, request: Request, site: Site) -> Found:
        values = checked(self.action.title, request, self.action.params)
        shown, check = self._shown(values), self._check(values)
        return Found(
            targets=(Target(id=self.id, label=" ".join(values.values()) or self.action.title, state=site.name),),
            matching=1,
            changes=(f"sends {shown}",),
            reversible=False,
            noun="request",
            name=self.id,
            warnings=() if check else ("nothing checks afterwards whether it worked",),
            detail={"request": shown},
        )

    def obstacle(self) -> str:
        return ""

    def hint(self, record: Record) -> str:
        return self.action.look or f"whether {self.place} has a request with the Idempotency-Key {record['id']}"

    # ---- what is sent

    def _url(self, values: Mapping[str, str]) -> str:
        parts = urlsplit(self.action.url)
        if any(values.get(name) in (".", "..") for name in _PART.findall(parts.path)):
            raise ActionError(f"{self._title}: a dot is no part of a path", "give a name")

        def value(match: re.Match[str]) -> str:
            return quote(values.get(match[1], match[0]), safe="")

        return urlunsplit((parts.scheme, parts.netloc, _PART.sub(value, parts.path), _PART.sub(value, parts.query), ""))

    def _check(self, values: Mapping[str, str]) -> list[str]:
        return [argument(self._title, values, part) for part in self.action.post_check]

    def _body(self, node: Any, values: Mapping[str, str]) -> Any:
        if isinstance(node, dict):
            return {key: self._body(value, values) for key, value in node.items()}
        if isinstance(node, list):
            return [self._body(value, values) for value in node]
        if isinstance(node, str) and (found := WHOLE.fullmatch(node)) and found[1] in values:
            return values[found[1]]
        return node

    def _shown(self, values: Mapping[str, str]) -> str:
        path = urlsplit(self._url(values)).path
        body = f" {json.dumps(self._body(self.action.body, values))}" if self.action.body is not None else ""
        return safe(f"{self.action.method} {self.place}{path}{body}", 400)

    # ---- sending it

    async def do(self, order: Order) -> Outcome:
        values = checked(self.action.title, order.plan.request, self.action.params)
        check = self._check(values)
        if self._shown(values) != order.plan.detail.get("request"):
            raise ActionError("the profile's request is no longer the previewed one", "take a new preview")
        look = f"look: {self.hint({'id': order.id})}"
        try:
            status, said = await self._sent(values, order)
        except (TimeoutError, _lost()) as error:
            why = str(error) or f"no answer within {self.action.timeout:.0f} s"
            message = f"{self._title}: {safe(why, 200)}: whether {self.place} has done it is not known"
            return order.outcome("unknown", None, message, look)
        await order.on_step("effect")
        if status not in self.action.status:
            return self._refused(order, status, said, look)
        holds = await checked_after(check, order)
        await order.on_step("read back")
        return self._judged(order, status, holds, look)

    async def _sent(self, values: Mapping[str, str], order: Order) -> tuple[int, str]:
        """The status, and the beginning of what was answered. ActionError: it was not even sent."""
        import httpx

        limits = httpx.Timeout(self.action.timeout, connect=min(CONNECT_S, self.action.timeout))
        headers = {**self.action.headers, "Idempotency-Key": order.id}
        body = None if self.action.body is None else self._body(self.action.body, values)
        try:
            async with (
                asyncio.timeout(self.action.timeout + CONNECT_S),  # as a whole: a trickle would go on for ever
                httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=limits) as client,
                client.stream(self.action.method, self._url(values), headers=headers, json=body) as answer,
            ):
                return answer.status_code, await _beginning(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            why = safe(error, 200) or "no connection in time"
            raise ActionError(f"{self.place}: {why}", "it was not sent: is the service there?") from error

    def _refused(self, order: Order, status: int, said: str, look: str) -> Outcome:
        answer = f"{self.place} answered {status}{f': {said}' if said else ''}"
        if 300 <= status < 500 and status != 408:
            return order.outcome("not applied", 0, f"{self._title}: {answer}; it refused", look)
        return order.outcome("unknown", None, f"{self._title}: {answer}; it may have done it", look)

    def _judged(self, order: Order, status: int, holds: bool | None, look: str) -> Outcome:
        checked = in_words(holds) if self.action.post_check else ""
        message = f"{self.place} answered {status}{checked}"
        if holds or not self.action.post_check:
            return order.outcome("done", 1, f"{self._title}: done, {message}")
        return order.outcome("unknown" if holds is None else "partial", None, f"{self._title}: {message}", look)


async def _beginning(answer: Any) -> str:
    """As much as is quoted, and no more: it may be endless, or compressed."""
    said = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) > _BODY:
                    break
    except (TimeoutError, _lost()):
        pass  # the status has come, and that is the answer
    plain = "content-encoding" not in answer.headers
    return safe(" ".join(said[:_BODY].decode(errors="replace").split()), 200) if plain else ""


def _lost() -> type[Exception]:
    """What is raised for a link on which the request may have gone out; the driver is imported when it is needed."""
    import httpx

    return httpx.TransportError
