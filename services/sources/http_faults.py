"""What went wrong with a request over HTTP, in words, and what to do about it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

from services.readings import Fault
from services.text import safe

_LATER = "the service is down, or a firewall is between; it is tried again by itself"
# Answers that are about our asking. A 5xx is the service speaking: its status and body say more than we could.
_OURS: dict[int, tuple[str, str]] = {
    401: ("denied", 'put the credentials into [sources.NAME.headers], from the environment: "${NAME}"'),
    403: ("denied", "the credentials in [sources.NAME.headers] may not read this path"),
    404: ("missing", "check `url` and `paths` of the source in the profile"),
    405: ("protocol", "the path does not answer GET: check `paths` of the source in the profile"),
    429: ("limit", "it is asked too often: give the source a longer `interval`"),
}


def of_status(status: int, where: str, location: str) -> Fault | None:
    """The fault of an answer that says we asked in the wrong way."""
    if 300 <= status < 400:
        return Fault(
            "protocol",
            f"{where}: answered {status}, a redirect to {location or 'nowhere'}; it was not followed",
            "put the final address into `url` or `paths` of the profile",
        )
    if (known := _OURS.get(status)) is None:
        return None
    kind, remedy = known
    return Fault(kind, f"{where}: answered {status}", remedy)  # type: ignore[arg-type]


def too_long(where: str, cap: int, remedy: str) -> Fault:
    return Fault("limit", f"{where}: the answer is longer than {cap:,} bytes; reading stopped there", remedy)


def of_error(error: Exception, where: str, timeout_s: float) -> Fault:
    """The fault of a request that got no answer."""
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return Fault(
            "timeout",
            f"{where}: no complete answer within {timeout_s:.3g} s",
            "the service hangs or is overloaded; a slow one needs a longer `timeout`",
        )
    for cause in _causes(error):
        if fault := _of_cause(cause, where):
            return fault
    name = type(error).__name__
    if "location header" in str(error):
        return Fault(
            "protocol",
            safe(f"{where}: answered a redirect to what is no address; it was not followed"),
            "put the final address into `url` or `paths` of the profile",
        )
    if name in ("InvalidURL", "UnsupportedProtocol"):
        return Fault("config", safe(f"{where}: {error}"), "`url` starts with http:// or https:// and names a host")
    kind = "protocol" if name in ("RemoteProtocolError", "DecodingError") else "unreachable"
    return Fault(kind, safe(f"{where}: {str(error) or name}"), _LATER)  # type: ignore[arg-type]


def _of_cause(cause: BaseException, where: str) -> Fault | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = safe(cause.verify_message)
        return Fault("protocol", f"{where}: its certificate is refused: {why}", "renew or replace the certificate")
    if isinstance(cause, socket.gaierror):
        host = where.partition("://")[2].partition("/")[0]
        return Fault("unreachable", f"{where}: the name {host} is not known", "check `url`, DNS and the VPN")
    if isinstance(cause, ConnectionRefusedError):
        return Fault("unreachable", f"{where}: connection refused", "nothing listens there: start the service")
    if isinstance(cause, ConnectionResetError | BrokenPipeError):
        return Fault("unreachable", f"{where}: the connection was cut before the answer was complete", _LATER)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from; several attempts to connect come as a group."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        one = todo.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            todo += one.exceptions
        todo += [cause for cause in (one.__context__, one.__cause__) if cause is not None]
