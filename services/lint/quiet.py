"""What is wrong with maintenance windows that are about nothing, and with references that cannot be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from services.profile import Profile
from services.watching.quiet import FIELDS


def quiet(profile: Profile) -> Iterator[str]:
    for name, window in profile.maintenance.items():
        for field, said in window.match.items():
            for problem in condition(profile, field, said):
                yield f"[maintenance.{name}] match.{field}: {problem}"
    for address in profile.references.tcp:
        if problem := _address(address):
            yield f"[references] tcp: {address!r} {problem}"


def condition(profile: Profile, field: str, said: str) -> Iterator[str]:
    """A plain value has to be one that there is. Labels, and patterns, may be about what comes."""
    known: Mapping[str, Collection[str]] = {
        "rule": profile.rules,
        "source": profile.sources,
        "severity": profile.severities,
        "level": ("warn", "page"),
    }
    if field not in FIELDS or said.startswith(("~", "!")) or field == "key":
        return
    if said.removeprefix("=") not in known[field]:
        yield f"there is no {field} {said!r} in this profile"


def _address(address: str) -> str:
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) < 65_536:
        return 'is not like "1.1.1.1:443"'
    return ""
