"""Every record of every kind in one shape, for lists; and each of them handed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.errors import RecordError
from services.model import spell_duration
from services.profile import DrillRecord, FormRecord, WindowRecord
from services.records import drill, form, report, sheet, sheets, window
from services.records.body import line
from services.records.event import Event
from services.records.incident import Said
from services.records.listed import Listed
from services.records.store import Records
from services.text import safe

if TYPE_CHECKING:
    from services.profile import Profile


def listed(profile: Profile, found: Mapping[str, Sequence[Event]], now: float) -> tuple[Listed, ...]:
    """Of drills, forms, windows and reports: the open ones first, and of each the newest."""
    made = [
        _KINDS[kind](profile, events, now) for id_, events in found.items() if (kind := id_.split("-")[0]) in _KINDS
    ]
    return in_order(made)


def in_order(found: Iterable[Listed]) -> tuple[Listed, ...]:
    return tuple(sorted(found, key=lambda one: (one.over, not one.loud, -one.at)))


def read(records: Records) -> dict[str, Sequence[Event]]:
    """Everything that `listed` tells of. WatchdeckError; it waits for the disk."""
    return {id_: events for kind in _KINDS for id_, events in records.all(kind).items()}


def exported(profile: Profile, records: Records, id_: str) -> str:
    """One record as Markdown. RecordError when there is none, or when its table is gone from the profile."""
    events = records.events(id_)
    kind = id_.split("-")[0]
    if not events or kind not in _KINDS:
        raise RecordError(f"there is no record {safe(id_, 60)!r}", "`watchdeck records list` has them")
    if kind == report.KIND:
        return report.markdown(report.fold(events))
    of = str(events[0].body.get("of"))
    record = profile.records.get(of)
    if isinstance(record, DrillRecord) and kind == drill.KIND:
        return sheet.markdown(sheets.of_drill(drill.drill(events), record))
    if isinstance(record, FormRecord) and kind == form.KIND:
        return sheet.markdown(sheets.of_form(form.form(events), record))
    if isinstance(record, WindowRecord) and kind == window.KIND:
        return sheet.markdown(sheets.of_window(window.window(events), record))
    raise RecordError(f"{id_} is a {kind} of {safe(of, 60)!r}, and the profile has no such record", "see [records]")


def _drill(profile: Profile, events: Sequence[Event], now: float) -> Listed:
    it, record = drill.drill(events), profile.records.get(str(events[0].body.get("of")))
    late: list[str] = []
    scope = it.scope
    if isinstance(record, DrillRecord):
        scope = record.scopes.get(it.scope, it.scope)
        late += _late("announcement", it.announce_due(record), now)
        late += _late("retrospective", it.retrospective_due(record), now)
    return Listed(
        it.id, drill.KIND, it.of, it.title, it.state, it.opened_at, it.opened_by, scope, "; ".join(late), it.over
    )


def _form(profile: Profile, events: Sequence[Event], now: float) -> Listed:
    it = form.form(events)
    written = len({*it.texts, *it.logs})
    about = f"{written} fields written"
    return Listed(
        it.id,
        form.KIND,
        it.of,
        it.title,
        "closed" if it.over else "open",
        it.opened_at,
        it.opened_by,
        about,
        "",
        it.over,
    )


def _window(profile: Profile, events: Sequence[Event], now: float) -> Listed:
    it = window.window(events)
    over_s = it.forgotten_s(now)
    loud = f"NOT CLOSED, {spell_duration(over_s)} over" if over_s else ""
    about = "" if it.over or over_s else f"{spell_duration(max(1.0, it.until - now))} left"
    state = ("closed" if it.passed else "closed without its smoke test") if it.over else "open"
    return Listed(it.id, window.KIND, it.of, it.title, state, it.opened_at, it.opened_by, about, loud, it.over)


def _report(profile: Profile, events: Sequence[Event], now: float) -> Listed:
    it = report.fold(events)
    about = f"{len(it.lines)} lines, {len(it.failed)} not ok"
    state = "passed" if it.passed else "NOT PASSED"
    return Listed(
        it.record, report.KIND, safe(it.of, 80), safe(it.title, 200), state, it.at, safe(it.by, 80), about, "", True
    )


def _late(what: str, due: float | None, now: float) -> Iterator[str]:
    if due is not None and now > due:
        yield f"{what} {spell_duration(now - due)} LATE"


def course(events: Sequence[Event]) -> tuple[Said, ...]:
    """What happened to a record, event by event, in a line each."""
    return tuple(Said(event.at, safe(event.by, 80), _told(event)) for event in events)


def _told(event: Event) -> str:
    said = ": ".join(filter(None, (line(event, key) for key in ("title", "timing", "field", "to", "text"))))
    return safe(f"{event.what}: {said}".removesuffix(": "), 400)


_KINDS: Mapping[str, Callable[[Profile, Sequence[Event], float], Listed]] = MappingProxyType(
    {drill.KIND: _drill, form.KIND: _form, window.KIND: _window, report.KIND: _report}
)
