"""What went wrong with a connection, in words, and what to do about it."""

from __future__ import annotations

import socket
import ssl

from services.readings import Fault
from services.text import safe


def of_error(error: BaseException, where: str, timeout_s: float) -> Fault:
    """The fault of an address that could not be talked to."""
    match error:
        case TimeoutError():
            said = f"{where}: no answer within {timeout_s:.3g} s"
            return Fault("timeout", said, "it hangs, or a firewall drops what is sent: check both")
        case socket.gaierror():
            name = where.rpartition(":")[0]
            return Fault("unreachable", f"{where}: the name {name} is not known", "check the address, DNS and the VPN")
        case ConnectionRefusedError():
            return Fault("unreachable", f"{where}: connection refused", "nothing listens there: start the service")
        case ssl.SSLCertVerificationError():
            why = safe(error.verify_message or error)
            remedy = "renew the certificate, or name its authority as `ca_file`"
            return Fault("protocol", f"{where}: its certificate is refused: {why}", remedy)
        case ssl.SSLError():
            why = safe(error.reason or error, 200)
            return Fault("protocol", f"{where}: no TLS: {why}", "does this port speak TLS, and from the first byte on?")
        case ConnectionError() | EOFError():
            return Fault("unreachable", f"{where}: the connection was cut", "see the service's log; it is tried again")
    other = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Fault("unreachable", safe(f"{where}: {other}", 400), "check the address and the network; it is tried again")
