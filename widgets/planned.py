"""A plan in lines: what, where, as whom, how many, what changes, and what has to be typed."""

from __future__ import annotations

from services.actions.plan import PREVIEW_LIFE_S, Plan, Target
from widgets.answer import Answer, Stop
from widgets.figures import count, duration, share
from widgets.lines import Line, between, fit, wrap

_ROWS = 20


def heading(plan: Plan, width: int) -> list[Line]:
    """What is about to be done to what; never scrolled away."""
    environment = f" PRODUCTION · {plan.environment} " if plan.production else f" {plan.environment} "
    where: Line = ((environment, "alarm" if plan.production else "accent"), (f" {plan.server}", "bold"))
    risk = {"low": "low risk", "medium": "▲ medium risk", "high": "✖ high risk"}[plan.risk]
    return [
        between((("━ ", "accent"), (plan.title, "title"), (f" · {risk} ", _ink(plan))), (), width, "━", "accent"),
        where,
        ((f"{plan.actor} as {plan.role}, {_account(plan)}, profile {plan.profile}", ""),),
        ((_how_many(plan), "bold"), (_of_what(plan), "")),
        ((_undo(plan), "" if plan.reversible else "warn"),),
    ]


def _ink(plan: Plan) -> str:
    return {"low": "dim", "medium": "warn", "high": "bad"}[plan.risk]


def _account(plan: Plan) -> str:
    return f"{'database user' if plan.system_identifier else 'account'} {plan.database_user}"


def _how_many(plan: Plan) -> str:
    things = plan.count
    many = "" if things == 1 else "es" if plan.noun.endswith("x") else "s"
    return f"{count(things)} {plan.noun}{many}"


def _of_what(plan: Plan) -> str:
    parts = []
    if plan.matching > plan.count or plan.matching_at_least:
        more = "+" if plan.matching_at_least else ""
        parts.append(f"of {count(plan.matching)}{more} that match: the rest is left for another time")
    if plan.table_share is not None:
        parts.append(f"{share(plan.table_share)[0]} of the table")
    return ", ".join(["", *parts, f"cap {count(plan.cap)}"])


def _undo(plan: Plan) -> str:
    return plan.undo if plan.fidelity == "exact" else f"{plan.undo}, {plan.fidelity}"


def middle(plan: Plan, width: int) -> list[Line]:
    """Warnings, changes, how many of which type, and the first rows."""
    rows: list[Line] = []
    for warning in plan.warnings:
        rows += wrap(f"▲ {warning}", width, "warn")
    for change in plan.changes:
        rows += wrap(f"→ {change}", width)
    if plan.per_type:
        rows += wrap(" · ".join(f"{name} {count(many)}" for name, many in plan.per_type.items()), width, "accent")
    rows.append(())
    rows += [_target(target, width) for target in plan.targets[:_ROWS]]
    if (more := plan.count - min(_ROWS, len(plan.targets))) > 0:
        rows.append(((f"… and {count(more)} more", "dim"),))
    return rows


def _target(target: Target, width: int) -> Line:
    label = max(12, min(34, width // 3))
    name: Line = fit(((target.label, ""),), label)
    return ((f"{target.id:>9}  ", "bold"), *name, (f"  {target.state}  ", "dim"), (target.note, "dim"))


def ends(answer: Answer, now: float, width: int) -> list[Line]:
    """The field, the buttons and the last word; never scrolled away."""
    rows: list[Line] = [_age(answer, now)]
    confirm = answer.plan.confirm
    if confirm.kind == "key":
        rows.append((("press ", ""), (confirm.expected, "title"), (" to confirm", "")))
    else:
        noun = "count" if confirm.kind == "count" else "name"
        rows.append(_field(answer, "phrase", f"type the {noun}, {confirm.expected}", answer.phrase, width))
    if confirm.reason_required:
        rows.append(_field(answer, "reason", "reason", answer.reason, width))
    rows.append(_buttons(answer, now))
    rows.append(((answer.said, "warn"),))
    return rows


def _age(answer: Answer, now: float) -> Line:
    if answer.expired(now):
        old = f"✖ this preview is {duration(int(answer.age_s(now)))} old: r takes it again"
        return ((old, "bad"),)
    left = int(PREVIEW_LIFE_S - answer.age_s(now))
    again = " · r takes it again" if answer.can_retake(now) else ""
    return ((f"preview {int(answer.age_s(now))} s old, good for {left} s more{again}", "dim"),)


def _field(answer: Answer, stop: Stop, label: str, text: str, width: int) -> Line:
    here = answer.stop == stop
    room = max(8, width - len(label) - 8)
    shown = text if len(text) < room else f"…{text[-room + 2 :]}"
    return (
        (f"{'▸' if here else ' '} {label}: ", "bold" if here else ""),
        (f"[{shown}{'▏' if here else ''}]", "accent"),
    )


def _buttons(answer: Answer, now: float) -> Line:
    ready = not answer.missing(now)
    parts: list[tuple[str, str]] = [_button("Cancel", answer.stop == "cancel"), ("  Esc   ", "dim")]
    if answer.kind != "key":
        parts.append(_button("Confirm", answer.stop == "confirm") if ready else ("  (Confirm)", "dim"))
    return tuple(parts)


def _button(name: str, here: bool) -> tuple[str, str]:
    return (f"▸[ {name} ]", "cursor") if here else (f" [ {name} ]", "")
