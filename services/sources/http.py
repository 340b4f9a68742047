"""Health endpoints over HTTP, and requests that must be refused: asked together, with a deadline and a cap."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from services.clock import Clock
from services.errors import SourceError
from services.profile import HttpSource
from services.profile.sources.http import Refusal
from services.readings import HealthCheck, HealthValues
from services.sources.http_client import Body, HttpClient
from services.sources.http_faults import of_error, of_status, too_long
from services.sources.http_refusals import content, lacking
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

_PARSED = 65_536  # bytes: a longer answer is not looked into
_SHORT = "a health endpoint answers in a few hundred bytes: check `paths`, or raise `max_bytes`"


def make(name: str, spec: HttpSource, parts: Parts) -> Health:
    return Health(name, spec, parts.clock)


class Health:
    """One base address with what it is asked."""

    def __init__(self, name: str, spec: HttpSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._clock = clock
        self._client = HttpClient(spec.url, spec.headers, spec.timeout, spec.max_bytes)

    async def fetch(self) -> HealthValues:
        """SourceError only when no path gave any answer; otherwise each check carries its own fault. A source that
        asks for refusals alone knows nothing while the service fails: what is not refused then, is not let in either.
        """
        asked = [self._check(path) for path in self._spec.paths]
        asked += [self._refusal(name, refusal) for name, refusal in self._spec.refuses.items()]
        checks = await asyncio.gather(*asked)
        mute = [check for check in checks if check.status is None]
        if len(mute) == len(checks):
            raise self._nothing(mute)
        if not self._spec.paths and (failed := mute or [check for check in checks if (check.status or 0) >= 500]):
            raise self._nothing(failed)
        return HealthValues(self._client.shown_url, tuple(checks))

    async def close(self) -> None:
        await self._client.close()

    async def _check(self, path: str) -> HealthCheck:
        started = self._clock.mono()
        where = self._client.where(f"/{path}")
        try:
            body = await self._client.get(f"/{path}")
        except Exception as error:  # a driver's error of any kind is this path's fault, and no other path's
            return HealthCheck(safe(path), False, None, None, fault=of_error(error, where, self.timeout_s))
        return self._judged(path, body, where, self._clock.mono() - started)

    async def _refusal(self, name: str, refusal: Refusal) -> HealthCheck:
        started = self._clock.mono()
        where = self._client.where(f"/{refusal.path}")
        try:
            body = await self._client.send(refusal.method, f"/{refusal.path}", content(refusal))
        except Exception as error:  # as above
            return HealthCheck(safe(name), False, None, None, fault=of_error(error, where, self.timeout_s))
        fault = lacking(refusal, body, where)
        took = self._clock.mono() - started
        return HealthCheck(safe(name), fault is None, body.status, took, body=body.start, fault=fault)

    def _judged(self, path: str, body: Body, where: str, latency_s: float) -> HealthCheck:
        plain = body.plain()
        cut = max(len(body.raw), len(plain)) > self._spec.max_bytes
        fault = of_status(body.status, where, body.location)
        if cut and fault is None:
            fault = too_long(where, self._spec.max_bytes, _SHORT)
        ok = 200 <= body.status < 300 and fault is None
        version = "" if cut else _version(plain, self._spec.version_field)
        return HealthCheck(safe(path), ok, body.status, latency_s, version, body.start, fault)

    def _nothing(self, checks: list[HealthCheck]) -> SourceError:
        first: Any = checks[0].fault
        more = f" (and {len(checks) - 1} more, the same way or another)" if len(checks) > 1 else ""
        return SourceError(first.kind, f"{first.message}{more}", first.remedy)


def _version(plain: bytes, field: str) -> str:
    """The version that a small JSON object names; an answer that is no such object has none."""
    if len(plain) > _PARSED or plain.lstrip()[:1] != b"{":
        return ""
    try:
        found = json.loads(plain).get(field, "")
    except (ValueError, RecursionError):  # not JSON after all, or nested to provoke us
        return ""
    return safe(found, 64) if isinstance(found, str | int | float) else ""
