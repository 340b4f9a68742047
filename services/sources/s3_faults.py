"""What went wrong with a call to an object store, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from services.errors import SourceError
from services.readings import Fault, FaultKind, Unknown
from services.text import safe


class Call(NamedTuple):
    """What was being done, for the message, and the permission that it needs."""

    what: str  # "reading watchdeck/canary"
    right: str  # "s3:GetObject"


_SECRETS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "TokenRefreshRequired"}
_REGION = {"PermanentRedirect", "AuthorizationHeaderMalformed", "301", "IllegalLocationConstraintException"}
_DRIVER: dict[str, tuple[FaultKind, str]] = {
    "ConnectTimeoutError": ("timeout", "no connection in time: check `endpoint`, the network and the firewall"),
    "ReadTimeoutError": ("timeout", "the store hangs or is overloaded; a slow one needs a longer `timeout`"),
    "EndpointConnectionError": ("unreachable", "nothing answers there: check `endpoint` and start the store"),
    "ConnectionClosedError": ("unreachable", "the store or something between cut the connection; it is tried again"),
    "ProxyConnectionError": ("unreachable", "check HTTPS_PROXY and NO_PROXY in the environment"),
    "SSLError": ("protocol", "check the store's certificate, and http or https in `endpoint`"),
    "IncompleteReadError": ("protocol", "the answer ended too early: look at the store and at proxies between"),
    "ResponseStreamingError": ("protocol", "the answer ended too early: look at the store and at proxies between"),
    "ResponseParserError": ("protocol", "what answers is no S3 server: check `endpoint`"),
    "NoCredentialsError": ("config", "name a `credentials_file`, or set AWS_ACCESS_KEY_ID and its secret"),
    "PartialCredentialsError": ("config", "the credentials need both aws_access_key_id and aws_secret_access_key"),
    "ProfileNotFound": ("config", "check `aws_profile` and `credentials_file` of the source"),
    "ParamValidationError": ("config", "check `bucket`, `canary` and `prefixes` of the source"),
    "ValueError": ("config", "`endpoint` looks like https://host:port; leave it out for AWS itself"),
}


@contextmanager
def told(where: str, call: Call) -> Iterator[None]:
    """Turns any error of the driver into a SourceError that names the bucket and what was tried."""
    try:
        yield
    except SourceError:
        raise
    except Exception as error:  # botocore's errors share no usable base, and urllib3's leak through
        response = getattr(error, "response", None)
        raise (_of_answer(where, call, response) if response else _of_driver(where, call, error)) from error


def code_of(error: SourceError) -> tuple[int, str]:
    """HTTP status and S3's own code of what was told; 0 and "" where there was no answer."""
    response = getattr(error.__cause__, "response", None) or {}
    code = safe(response.get("Error", {}).get("Code", ""), 64)
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0), code


def unknown(fault: Fault) -> Unknown:
    """Why the fault leaves a figure without a value."""
    said = f"{fault.message}; {fault.remedy}" if fault.remedy else fault.message
    return Unknown("not permitted" if fault.kind == "denied" else "failed", said)


def _of_answer(where: str, call: Call, response: dict[str, Any]) -> SourceError:
    """The store answered with an error. To a HEAD it cannot say more than the status."""
    code = safe(response.get("Error", {}).get("Code", ""), 64)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    said = f"{where}: {call.what}: {status} {code}" if code != str(status) else f"{where}: {call.what}: {code}"
    if code in _SECRETS:
        return SourceError("denied", said, "the store does not accept these credentials: check `credentials_file`")
    if code == "RequestTimeTooSkewed":
        return SourceError("denied", said, "this machine's clock is wrong by more than 15 minutes: set it")
    if code in _REGION or status == 301:
        return SourceError("config", said, "the bucket is in another region: check `region` and `endpoint`")
    if code == "NoSuchBucket" or (status == 404 and code == "404" and call.right == "s3:ListBucket"):
        return SourceError("missing", f"{said}: there is no such bucket", "check `bucket` and `endpoint`")
    if status == 404:
        return SourceError("missing", f"{said}: there is no such object", "write it once, or set `canary_write = true`")
    if status == 403:
        return SourceError("denied", said, f"grant {call.right} on the bucket to the console's key")
    if status in (429, 503) or code == "SlowDown":
        return SourceError("limit", said, "the store is overloaded or down: see its own health and logs")
    return SourceError("error", said, "see the store's own health and logs")


def _of_driver(where: str, call: Call, error: Exception) -> SourceError:
    """There was no answer, or none that could be read."""
    names = [kind.__name__ for kind in type(error).__mro__]
    kind, remedy = next((_DRIVER[name] for name in names if name in _DRIVER), ("error", "see the store's own logs"))
    return SourceError(kind, safe(f"{where}: {call.what}: {error}", 400), remedy)
