"""One request, sent once: nothing here tries again, for nobody could tell whether the first one had its effect."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.errors import ActionError
from services.text import safe

CONNECT_S = 5.0
BODY_S = 2.0
_BODY = 8192  # of the answer: more of it nobody needs


class Unheard(Exception):
    """It may have arrived, and no answer came."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes  # its beginning, empty when it was packed

    @property
    def refuses(self) -> bool:
        """It has done nothing; what says neither yes nor no may have done it."""
        return 300 <= self.status < 500 and self.status != 408

    @property
    def said(self) -> str:
        return safe(" ".join(self.body.decode(errors="replace").split()), 200)


async def sent(
    method: str, url: str, place: str, timeout: float, headers: Mapping[str, str], body: Any = None
) -> Answer:
    """`body` goes as JSON. ActionError: it was not even sent. Unheard: whether it arrived is not known."""
    import httpx

    limits = httpx.Timeout(timeout, connect=min(CONNECT_S, timeout))
    try:
        async with (
            asyncio.timeout(timeout + CONNECT_S),  # as a whole: a trickle would go on for ever
            httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=limits) as client,
            client.stream(method, url, headers=dict(headers), json=body) as answer,
        ):
            return Answer(answer.status_code, await _beginning(answer))
    except (ValueError, TypeError, httpx.LocalProtocolError) as error:  # a header or a body that cannot be
        raise ActionError(
            f"{place}: {type(error).__name__} in the request", "it was not sent: see the profile"
        ) from None
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        why = safe(error, 200) or "no connection in time"
        raise ActionError(f"{place}: {why}", "it was not sent: is the service there?") from error
    except (TimeoutError, httpx.TransportError) as error:
        raise Unheard(safe(error, 200) or f"no answer within {timeout:.0f} s") from error


async def _beginning(answer: Any) -> bytes:
    """As much as is quoted, and no more: it may be endless, or compressed."""
    import httpx

    said = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) > _BODY:
                    break
    except (TimeoutError, httpx.TransportError):
        pass  # the status has come, and that is the answer
    return b"" if "content-encoding" in answer.headers else said[:_BODY]
