"""What records cannot do as they are written: messages with fields nobody fills in, windows that silence nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.lint.quiet import condition
from services.metrics.match import condition as pattern
from services.profile import IncidentRecord, Profile, WindowRecord
from services.records.message import FIELDS, PLACE


def records(profile: Profile) -> Iterator[str]:
    """One line per problem, naming its table."""
    for name, record in profile.records.items():
        if isinstance(record, IncidentRecord):
            yield from (f"[records.{name}.templates] {said}" for said in _templates(record))
        if isinstance(record, WindowRecord):
            yield from (f"[records.{name}] {said}" for said in _match(profile, record))


def _templates(record: IncidentRecord) -> Iterator[str]:
    for name, template in record.templates.items():
        for found in PLACE.finditer(template):
            if found[1] not in FIELDS:
                yield f"{name}: there is no {found[0]}; there are {', '.join(FIELDS)}"


def _match(profile: Profile, record: WindowRecord) -> Iterator[str]:
    if not record.match:
        yield "match: it says which alerts are expected; without one it would silence nothing"
    for field, said in record.match.items():
        try:
            pattern(said)
        except re.error as error:
            yield f"match.{field}: {said!r} holds no pattern: {error}"
        else:
            yield from (f"match.{field}: {problem}" for problem in condition(profile, field, said))
