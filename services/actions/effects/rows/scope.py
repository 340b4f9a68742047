"""The rows an action is about: where they are, which of them it may change, and what identifies what was seen."""

from __future__ import annotations

from dataclasses import dataclass

from services.errors import ActionError, ConfigError
from services.profile import QueueSource, RowsAction, mapping_of
from services.queues.mapping import Effect, Mapping


@dataclass(frozen=True)
class Scope:
    """SQL expressions only; nothing here comes from an operator."""

    action: RowsAction
    mapping: Mapping
    effect: Effect
    id: str
    source: str  # what follows FROM
    table: str
    alias: str
    state: str  # the state of a row, as text
    allowed: tuple[str, ...]  # predicates: the rows this action may change

    @classmethod
    def of(cls, action: RowsAction, queue: QueueSource, action_id: str) -> Scope:
        mapping = mapping_of(queue, action.queue)
        effect = mapping.actions.get(action.do)
        if effect is None:
            raise ConfigError(
                f"actions.{action_id}.do: the mapping {mapping.name!r} has no [actions.{action.do}]",
                f"there are: {', '.join(mapping.actions) or 'none'}",
            )
        if effect.fidelity == "unsupported":
            raise ActionError(f"{effect.title} is not supported by {mapping.title}", effect.note)
        if effect.of == "runs":
            return cls._of_runs(action, mapping, effect, action_id)
        return cls._of_jobs(action, mapping, effect, queue)

    @classmethod
    def _of_jobs(cls, action: RowsAction, mapping: Mapping, effect: Effect, queue: QueueSource) -> Scope:
        where, states = mapping.source, {**mapping.states, **mapping.extra}
        arms = " ".join(f"WHEN {test} THEN '{state}'" for state, test in states.items())
        allowed = [" OR ".join(states[state] for state in effect.from_states if state in states) or "false"]
        if effect.only:
            allowed.append(effect.only)
        if action.select == "stale":
            allowed += both_signs(mapping, queue)
        return cls(
            action,
            mapping,
            effect,
            id=mapping.columns.id,
            source=f"{where.table} AS {where.alias} {where.joins}".rstrip(),
            table=where.table,
            alias=where.alias,
            state=f"CASE {arms} ELSE 'other' END",
            allowed=tuple(allowed),
        )

    @classmethod
    def _of_runs(cls, action: RowsAction, mapping: Mapping, effect: Effect, action_id: str) -> Scope:
        runs = mapping.runs
        if runs is None:
            raise ConfigError(f"actions.{action_id}: the mapping {mapping.name!r} has no [runs]")
        states = ", ".join("'" + state.replace("'", "''") + "'" for state in effect.from_states)
        return cls(
            action,
            mapping,
            effect,
            id=runs.id,
            source=f"{runs.table} AS {runs.alias}",
            table=runs.table,
            alias=runs.alias,
            state=f"({runs.status})::text",
            allowed=(f"{runs.status} IN ({states})", *filter(None, (effect.only,))),
        )

    @property
    def type(self) -> str:
        """What rows are counted by: the job's type, or the run's size class."""
        if self.effect.of == "jobs":
            return self.mapping.columns.type
        return (self.mapping.runs and self.mapping.runs.size_class) or "'run'"


def both_signs(mapping: Mapping, queue: QueueSource) -> list[str]:
    """A lock is stale by two signs: it is older than its type allows, and its owner shows no life."""
    stale, locked_at = mapping.stale, mapping.columns.locked_at
    if stale is None or stale.alive is None or locked_at is None:
        raise ActionError(
            f"{mapping.title} records no sign of life of a lock's owner: age alone is not death",
            "say in the mapping's [stale] how to tell that an owner is alive",
        )
    return [stale.locked, f"now() - {locked_at} > {allowed_age(mapping, queue)}", f"NOT ({stale.alive})"]


def allowed_age(mapping: Mapping, queue: QueueSource) -> str:
    """How old a lock may be, by the type of its row."""
    default = f"interval '{mapping.stale.after if mapping.stale else 0} seconds'"
    arms = " ".join(
        "WHEN '{}' THEN interval '{} seconds'".format(kind.replace("'", "''"), age)
        for kind, age in queue.stale_after.items()
    )
    return f"CASE {mapping.columns.type} {arms} ELSE {default} END" if arms else default


def seen_columns(scope: Scope) -> dict[str, str]:
    """What must still be as the preview saw it: the state, and the columns that the effect names -> expression."""
    columns = scope.mapping.columns if scope.effect.of == "jobs" else scope.mapping.runs
    found = {column: getattr(columns, column, None) for column in scope.effect.match}
    return {"state": scope.state} | {column: expression for column, expression in found.items() if expression}
