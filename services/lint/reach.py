"""Rules over figures that a source has under names of its own table: of what is not in there nothing is ever known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.address import address
from services.profile import BucketSource, HttpSource, Profile, S3Source, TcpSource, TlsSource
from services.profile.sources.reach import HTTPS
from services.readings.bucket import SETTINGS

_OF_WRITES = ("canary_write", "write_p", "write_errors", "recent_write")
_OF_CANARY = ("canary_", "read_p")


def reach(profile: Profile) -> Iterator[str]:
    """One line per problem, naming the rule's table and key."""
    for name, rule in profile.rules.items():
        source = profile.sources[rule.source]
        for key, path in rule.figures.items():
            for problem in (*_named(source, path), *_measured(source, path)):
                yield f"[rules.{name}] {key}: {problem}"


def _named(source: Any, path: str) -> Iterator[str]:
    """`checks.NAME.latency_s`: is there such a name?"""
    of, _, rest = path.partition(".")
    there = _names(source).get(of)
    if there is None or rest.startswith("*"):
        return
    if not any(rest.startswith(name + ".") for name in there):
        yield f"the source has nothing of the name in {path!r}; there are {', '.join(there) or 'none'}"
    elif isinstance(source, BucketSource) and path.endswith(".shrunken"):
        name = rest.removesuffix(".shrunken")
        if name in source.arrivals and not source.arrivals[name].min_share:
            yield f"arrivals.{name} has no `min_share`, so this is never known"


def _names(source: Any) -> dict[str, tuple[str, ...]]:
    """What the figures in each part of the values are called by."""
    match source:
        case BucketSource():
            return {"arrivals": tuple(source.arrivals), "settings": SETTINGS}
        case TlsSource():
            return {"certificates": tuple(str(address(said, HTTPS)) for said in source.addresses)}
        case TcpSource():
            return {"checks": tuple(str(address(said)) for said in source.addresses)}
        case HttpSource():
            return {"checks": (*source.paths, *source.refuses)}
    return {}


def _measured(source: Any, path: str) -> Iterator[str]:
    """Figures of a bucket that take a key of its table."""
    if not isinstance(source, S3Source):
        return
    if path == "used_share" and not source.capacity:
        yield f"{path} takes a `capacity` of the source"
    if path.startswith(_OF_WRITES) and not (source.canary and source.canary_write):
        yield f"{path} takes a `canary` and `canary_write` of the source"
    elif path.startswith(_OF_CANARY) and not source.canary:
        yield f"{path} takes a `canary` of the source"
