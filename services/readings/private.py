"""Fields that hold other people's words, which may be about their customers."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from services.readings.fault import Fault
from services.readings.figure import Unknown

WITHHELD = "restricted"  # what stands where somebody sees that there is something, and not what
PRIVATE = frozenset(
    ("body", "last_message", "error_text", "text", "query", "summary", "comment", "said", "ReaperRun.error")
)
# Faults that are told in words of ours, and with names of ours. The others may quote what came instead of an answer.
_OUR_WORDS = frozenset(("timeout", "unreachable", "denied", "missing", "limit"))

T = TypeVar("T")


def is_private(owner: object, field: str) -> bool:
    if isinstance(owner, Fault):
        return field == "message" and owner.kind not in _OUR_WORDS
    if isinstance(owner, Unknown):
        return field == "detail" and owner.why == "failed"
    return not PRIVATE.isdisjoint((field, f"{type(owner).__name__}.{field}"))


def without_words(value: T) -> T:
    """The same with WITHHELD in the place of each text that is somebody's; the very same where there is none."""
    if isinstance(value, tuple):
        items = [without_words(item) for item in value]
        changed = any(new is not old for new, old in zip(items, value, strict=True))
        return type(value)(items) if changed else value
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for field in fields(value):
        old = getattr(value, field.name)
        private = bool(old) and isinstance(old, str) and is_private(value, field.name)
        new = WITHHELD if private else without_words(old)
        if new is not old and new != old:
            changes[field.name] = new
    return replace(value, **changes) if changes else value
