"""What it means when a program that tells of others, such as systemctl, does not end well."""

from __future__ import annotations

from services.errors import SourceError
from services.readings import FaultKind
from services.run import Ran
from services.text import safe

# What the program says, in part and in lower case; what that is; and what to do about it.
_SAYS: tuple[tuple[str, FaultKind, str], ...] = (
    ("not been booted with systemd", "missing", "there is no systemd here: ask it where it is, over ssh"),
    ("failed to connect to bus", "unreachable", "for user units log in as that user, so that XDG_RUNTIME_DIR is set"),
    ("access denied", "denied", "as which user does the console run?"),
    ("permission denied", "denied", "as which user does the console run? Reading a journal needs systemd-journal"),
    ("insufficient permissions", "denied", "usermod -aG systemd-journal USER, and log in again"),
    ("host key verification failed", "denied", "connect once by hand and look at the key, or put it into known_hosts"),
    ("could not resolve hostname", "unreachable", "see the name of the host"),
    ("connection refused", "unreachable", "is the host up, and does its ssh listen?"),
    ("unrecognized option", "protocol", "this version does not know an option that is needed"),
)


def of_end(ran: Ran, program: str, timeout: float) -> SourceError:
    name = safe(program, 100)
    if ran.ended == "timeout":
        return SourceError("timeout", f"{name}: no answer within {timeout:g} s", "does it wait for a password?")
    if ran.ended == "flood":
        return SourceError("limit", f"{name} goes on printing without end", "name fewer units")
    text = ran.err.decode("utf-8", "replace").strip() or ran.out.decode("utf-8", "replace").strip()
    return of_words(name, text, f"exit code {ran.code}")


def of_words(name: str, text: str, otherwise: str) -> SourceError:
    """From what it wrote to stderr: the last line says most."""
    said = safe(text.splitlines()[-1], 300) if text else otherwise
    kind, remedy = next(
        ((kind, remedy) for part, kind, remedy in _SAYS if part in text.lower()), ("error", f"try {name} in a shell")
    )
    return SourceError(kind, f"{name}: {said}", remedy)
