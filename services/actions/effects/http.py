"""Sends one request, once. A reply that was lost leaves it unknown: it is never sent a second time."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from services.actions.effects.check import checked_after, in_words
from services.actions.effects.effect import Order
from services.actions.effects.once import Answer, Unheard, sent
from services.actions.effects.outside import Outside, changed_since
from services.actions.found import Found
from services.actions.journal import Record
from services.actions.params import WHOLE, argument, checked
from services.actions.plan import Outcome, Request, Target
from services.actions.site import Site
from services.errors import ActionError
from services.profile import HttpAction, Profile
from services.text import safe

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
            detail={"request": shown, "digest": self._digest(values)},
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

    def _digest(self, values: Mapping[str, str]) -> str:
        """Of what is not shown too: the query, which may hold a secret, and the rest of a long body."""
        parts = urlsplit(self._url(values))
        whole = [parts._replace(netloc=self.place).geturl(), self._body(self.action.body, values), self._check(values)]
        return hashlib.sha256(json.dumps(whole).encode()).hexdigest()

    # ---- sending it

    async def do(self, order: Order) -> Outcome:
        values = checked(self.action.title, order.plan.request, self.action.params)
        check = self._check(values)
        if changed_since(order, {"request": self._shown(values), "digest": self._digest(values)}):
            raise ActionError("the profile's request is no longer the previewed one", "take a new preview")
        look = f"look: {self.hint({'id': order.id})}"
        headers = {**self.action.headers, "Idempotency-Key": order.id}
        body = None if self.action.body is None else self._body(self.action.body, values)
        try:
            answer = await sent(self.action.method, self._url(values), self.place, self.action.timeout, headers, body)
        except Unheard as error:
            message = f"{self._title}: {error}: whether {self.place} has done it is not known"
            return order.outcome("unknown", None, message, look)
        await order.on_step("effect")
        if answer.status not in self.action.status:
            return self._refused(order, answer, look)
        holds = await checked_after(check, order)
        await order.on_step("read back")
        return self._judged(order, answer.status, holds, look)

    def _refused(self, order: Order, answer: Answer, look: str) -> Outcome:
        words = f"{self._title}: {self.place} answered {answer.status}{f': {answer.said}' if answer.said else ''}"
        if answer.refuses:
            return order.outcome("not applied", 0, f"{words}; it refused", look)
        return order.outcome("unknown", None, f"{words}; it may have done it", look)

    def _judged(self, order: Order, status: int, holds: bool | None, look: str) -> Outcome:
        checked = in_words(holds) if self.action.post_check else ""
        message = f"{self.place} answered {status}{checked}"
        if holds or not self.action.post_check:
            return order.outcome("done", 1, f"{self._title}: done, {message}")
        return order.outcome("unknown" if holds is None else "partial", None, f"{self._title}: {message}", look)
