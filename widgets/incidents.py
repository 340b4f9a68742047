"""Incidents: those under way first, what is late about them in words, and one of them in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.records.incident import TEXTS, Incident
from services.records.moment import Moment
from services.records.run import Run
from services.records.timer import Timer
from widgets.columns import Column, Row
from widgets.facts import Facts
from widgets.fields import close_field, field, fields_table, notes_field, one_line
from widgets.figures import ago, duration, moment
from widgets.lines import Line, Segment, beside
from widgets.pane import Lines
from widgets.table import Table

Timers = Callable[[Incident], Sequence[Timer]]
_KEYS = {"severity": "severity", "scope": "scope", "root cause": "root-cause", "prevention": "prevention"}
NEW = "+"  # the row that opens one
FOLLOW = "follow"  # the row of the procedure that goes with every incident
ALERT, RUN = "alert:", "run:"  # in the key of a row, before that of the alert or of the run
_STATES: dict[str, Segment] = {
    "open": ("✖ open", "bad"),
    "mitigated": ("▲ mitigated", "warn"),
    "resolved": ("▽ resolved", "warn"),
    "closed": ("● closed", "good"),
}
_COLUMNS = (
    Column("state", "State", 11),
    Column("severity", "Sev", 5),
    Column("title", "Incident", "1fr", least=24),
    Column("timer", "Timers", 20),
    Column("opened", "Opened", 9, "right", drop=1),
    Column("by", "By", 12, drop=2),
    Column("id", "Record", 16, "left", "dim", drop=3),
)


def state(it: Incident) -> Segment:
    return _STATES[it.state]


NAMES = {"acknowledge": "ack", "update": "update", "close": "write-up"}


def clock(timer: Timer, now: float) -> Segment:
    """One timer in words; what is late is said so."""
    standing, name = timer.standing(now), NAMES[timer.name]
    if timer.due is not None:
        if standing == "overdue":
            return f"{name} {duration(max(1.0, now - timer.due))} LATE", "bad"
        return f"{name} in {duration(max(1.0, timer.due - now))}", ""
    if standing == "missed":
        late = sum(until - due for due, until in timer.late)
        return f"{name} was {duration(late)} late", "warn"
    return (f"{name} kept", "good") if standing == "kept" else ("", "")


def first(timers: Sequence[Timer], now: float) -> Segment:
    """What is late, or due next; of what is over, what was missed."""
    running = sorted((timer for timer in timers if timer.due is not None), key=lambda timer: timer.due or 0.0)
    missed = [timer for timer in timers if timer.standing(now) == "missed"]
    return next((clock(timer, now) for timer in (*running, *missed)), ("", ""))


def incidents(found: Sequence[Incident], timers: Timers, now: float) -> Table:
    rows = [_row(it, timers(it), now) for it in found]
    new = Row(NEW, (("+ new", "accent"), "", ("open an incident by hand", "dim")), (), {"title": "new"})
    return Table(_COLUMNS, (*rows, new))


def _row(it: Incident, timers: Sequence[Timer], now: float) -> Row:
    timer = first(timers, now)
    cells = (state(it), it.severity, it.title, timer, ago(it.opened_at, now), it.opened_by, it.id)
    fields = {"state": it.state, "severity": it.severity, "title": it.title, "by": it.opened_by, "id": it.id}
    return Row(
        it.id, cells, (it.state, it.severity, it.title, timer[0], -it.opened_at, it.opened_by, it.id), fields, it
    )


def head(it: Incident, timers: Sequence[Timer], lacks: int, now: float) -> Lines:
    """Two lines: what it is, and how its timers stand."""
    told = [(segment,) for timer in timers if (segment := clock(timer, now))[0]]
    open_ = ((f"{lacks} missing before it can be closed", "warn"),) if lacks and it.state != "closed" else ()
    return Lines(
        (
            beside(
                (((state(it)[0], state(it)[1]),), ((it.severity or "no severity", "bold"),), ((it.title, "title"),))
            ),
            beside((*told, open_) if open_ else told) or (("no timer", "dim"),),
        )
    )


def fields(it: Incident, lacks: Sequence[str], now: float, runs: Mapping[str, Run], follow: str = "") -> Table:
    """A row per thing that can be said about it; Enter says it. `lacks`: as told by `missing`; `runs`: those of
    its procedures that are known here, by their ids; `follow`: the title of the one that goes with it."""
    demanded = {_KEYS.get(line.split(":")[0]) for line in lacks}
    rows = [
        field("state", "State", state(it), f"began {ago(it.began_at, now)}"),
        field("severity", "Severity", it.severity or _missing("severity" in demanded), _graded(it, now)),
        field("acknowledged", "In hand", _in_hand(it), "" if it.acknowledged else "a takes it"),
        field("title", "Title", it.title),
        *(
            field(name, title, one_line(it.texts.get(name, "")) or _missing(name in demanded))
            for name, title in TEXTS.items()
        ),
        *_preventions(it, "prevention" in demanded, now),
        notes_field(it.notes),
        *(field(f"{ALERT}{one.key}", "Alert", one.title, f"began {ago(one.since, now)}") for one in it.alerts),
        *(_run(run, runs.get(run), now) for run in it.runs),
        *((field(FOLLOW, "Procedure", follow, "Enter goes through it"),) if follow else ()),
        *(
            field(f"version:{name}", "Version", f"{name} {said}", "when it was opened")
            for name, said in it.versions.items()
        ),
        close_field("close", "it is closed" if it.state == "closed" else "", lacks),
    ]
    return fields_table(rows)


def _run(id_: str, run: Run | None, now: float) -> Row:
    if run is None:
        return field(f"{RUN}{id_}", "Procedure", id_)
    stands = f"{run.ended} {ago(run.ended_at, now)}" if run.ended_at is not None else f"{run.decided} of {run.asked}"
    return field(f"{RUN}{id_}", "Procedure", run.title, f"{stands}, {id_}")


def _missing(demanded: bool) -> Segment:
    return ("✖ missing", "warn") if demanded else ("not written", "dim")


def _in_hand(it: Incident) -> Segment:
    ack = it.acknowledged
    return (f"{ack.by}: {ack.text}".rstrip(": "), "") if ack else ("nobody yet", "warn")


def _graded(it: Incident, now: float) -> str:
    return f"was {it.grades[-2].severity}, {ago(it.grades[-1].at, now)}" if len(it.grades) > 1 else ""


def _preventions(it: Incident, demanded: bool, now: float) -> list[Row]:
    rows = []
    for one in it.prevention:
        done = f", done {ago(one.done_at, now)}" if one.done_at else ""
        more = f"{one.owner or 'no owner'}, {one.due or 'no due date'}{done}"
        rows.append(field(f"prevention-{one.number}", f"Prevention {one.number}", one.text, more))
    if it.state != "closed":
        add: Segment = ("✖ missing: add one", "warn") if demanded else ("+ add one", "accent")
        rows.append(field("prevention", "Prevention", add))
    return rows


_MOMENTS = (
    Column("at", "When", 14),
    Column("kind", "", 8),
    Column("what", "What", "1fr", least=30),
    Column("by", "By", 12, drop=1),
)
_INKS = {"alert": "warn", "action": "accent", "deploy": "mark", "step": "good"}


def timeline(moments: Sequence[Moment]) -> Table:
    """The newest last, as it is told."""
    rows = tuple(_moment(at, one) for at, one in enumerate(moments))
    return Table(_MOMENTS, rows, "nothing has happened yet")


def _moment(at: int, one: Moment) -> Row:
    # without its year: it is one incident's
    cells = (moment(one.at)[5:], (one.kind, _INKS.get(one.kind, "")), one.what, one.by)
    fields = {"kind": one.kind, "what": one.what, "by": one.by, "ref": one.ref}
    return Row(f"{at}", cells, (one.at, one.kind, one.what, one.by), fields, one)


def told(one: Moment) -> Facts:
    """One moment in full."""
    head: Line = ((moment(one.at), "bold"), (f"  {one.kind}", _INKS.get(one.kind, "")))
    return Facts((head,), (("what", one.what), ("by", one.by), ("id", one.ref)))


_MESSAGES = (Column("name", "Message", 16), Column("text", "As it would be sent now", "1fr", least=30))


def messages(found: Sequence[tuple[str, str]]) -> Table:
    """(name, text) of each, filled in."""
    rows = tuple(Row(name, (name, (one_line(text), "")), (name, text), {"name": name}, text) for name, text in found)
    return Table(_MESSAGES, rows, "the profile has no templates")


def message(text: str, lacking: Sequence[str]) -> list[Line]:
    """One message in full, and what in it nobody has written yet."""
    said: list[Line] = [((row, ""),) for row in text.split("\n")]
    if lacking:
        said += [(), ((f"not known yet: {', '.join(lacking)}", "warn"),)]
    return [*said, (), (("y ", "accent"), ("copies it, and asks where it went", "dim"))]
