"""Writes one feature flag, as it was seen or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from types import MappingProxyType

from services.actions.effects.flag.preview import look_up, name_pattern, snapshot
from services.actions.effects.on_queue import OnQueue
from services.actions.effects.rows.effect import SINCE
from services.actions.environment import Asks
from services.actions.found import Found
from services.actions.functions import filled, literal, name, one_line, reason, template
from services.actions.plan import Request
from services.actions.site import Site
from services.errors import ConfigError
from services.profile import FlagAction, Profile, mapping_of
from services.queues.expressions import plain
from services.queues.mapping import Flags

_VARIABLES = MappingProxyType(
    {
        "name": "wd_name",
        "enabled": "wd_enabled",
        "value": "wd_new.value",
        "reason": "wd_reason",
        "actor": "wd_actor",
        "expires_at": "wd_expires",
    }
)


class Flag(OnQueue):
    def __init__(self, profile: Profile, action_id: str, action: FlagAction) -> None:
        super().__init__(profile, action_id, action.queue)
        self.action = action

    @cached_property
    def flags(self) -> Flags:
        flags = mapping_of(self._queue, self.action.queue).flags
        if flags is None or not flags.write:
            raise ConfigError(
                f"sources.{self.action.queue}: the queue's mapping has no [flags] with `write`",
                "say there how a feature flag is written, or remove the action",
            )
        if self.action.takes_value and not flags.value:
            raise ConfigError(f"sources.{self.action.queue}: the mapping's [flags] records no `value`")
        return flags

    @property
    def subject(self) -> str:
        return self.flags.table

    def function(self) -> str:
        action, flags = self.action, self.flags
        keep = (
            f"(SELECT {flags.value} FROM {flags.table} WHERE {flags.name} = wd_name)" if flags.value else "NULL::text"
        )
        typed = f"(SELECT {flags.value} FROM {flags.table} LIMIT 0)"
        new = f"(watchdeck.typed({typed}, ARRAY[wd_args ->> 'value']))[1]"
        return template("flag/function.sql").format(
            title=one_line(action.title),
            what=one_line(action.flag),
            name=name(self.id),
            literal=literal(self.id),
            reason=reason(action.risk),
            enabled=str(action.enabled).lower() if action.enabled is not None else "(wd_args ->> 'enabled')::boolean",
            pattern=literal(f"^({name_pattern(action)})$"),
            table=flags.table,
            snapshot=snapshot(flags),
            flag_name=flags.name,
            value=new if action.takes_value else keep,
            write=filled(flags.write, _VARIABLES, "[flags] write"),
        )

    async def look_up(self, request: Request, db: Asks, site: Site) -> Found:
        return await look_up(self.action, self.flags, request, db, site.now)

    async def standing(self, db: Asks, ids: tuple[str, ...], since: float) -> set[str]:
        key, source = plain(self.flags.name), plain(self.flags.table)
        test = f"{plain(self.flags.changed_at)} >= {SINCE}" if self.flags.changed_at else "TRUE"
        like = f"(SELECT {key} FROM {source} LIMIT 0)"
        sql = (
            f"SELECT watchdeck.as_seen({key}) AS id FROM {source} "
            f"WHERE {key} = ANY (watchdeck.typed({like}, %(ids)s::text[])) AND ({test})"
        )
        return {row["id"] for row in await db.rows(sql, {"ids": list(ids), "since": since})}

    def writes(self) -> Iterator[tuple[str, str]]:
        yield from ((self.flags.table, verb) for verb in ("INSERT", "UPDATE"))  # an upsert names no table twice

    def needs(self) -> tuple[str, ...]:
        return self.flags.needs
