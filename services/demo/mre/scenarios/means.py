"""What a scenario of this system may use of the running stack, and what several of them do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.demo.child import Child
from services.demo.link import Link
from services.demo.mre.backups import Nightly
from services.demo.mre.clients import Clients
from services.demo.mre.traffic import Traffic
from services.demo.objects import Objects
from services.demo.s3 import Fault


@dataclass(frozen=True)
class Means:
    link: Link
    objects: Objects
    store_fault: Callable[[Fault], None]
    doomed_worker: Callable[[str, tuple[str, ...], int], tuple[str, Child]]  # pool, types, slots -> worker id, process
    traffic: Traffic
    clients: Clients
    people: Mapping[str, str]  # login -> its DSN
    nightly: Nightly


# ---- notes where the demo's processes look for them -----------------------------------------------------------------


def mark(means: Means, name: str, worker: str = "") -> None:
    """Notes a fault."""
    means.link.rows(
        """INSERT INTO demo.faults (name, detail) VALUES (%(name)s, jsonb_build_object('worker', %(worker)s::text))
           ON CONFLICT (name) DO UPDATE SET detail = excluded.detail, since = now()""",
        name=name,
        worker=worker,
    )


def clear(means: Means, *names: str) -> None:
    means.link.rows("DELETE FROM demo.faults WHERE name = ANY (%(names)s)", names=list(names))


# ---- flags ----------------------------------------------------------------------------------------------------------

_IN_FORCE = "(expires_at IS NULL OR expires_at > now())"


def is_on(means: Means, flag: str) -> bool:
    return _is(means, flag, "enabled")


def is_off(means: Means, flag: str) -> bool:
    """Switched off; a switch-off that has expired has no effect any more."""
    return _is(means, flag, "NOT enabled")


def _is(means: Means, flag: str, how: str) -> bool:
    return bool(
        means.link.rows(f"SELECT 1 FROM feature_flags WHERE name = %(name)s AND {how} AND {_IN_FORCE}", name=flag)
    )


def switch(means: Means, flag: str, enabled: bool, who: str, reason: str) -> None:
    means.link.rows(
        """UPDATE feature_flags SET enabled = %(enabled)s, changed_by = %(who)s, reason = %(reason)s,
                  changed_at = now(), expires_at = NULL WHERE name = %(name)s""",
        name=flag,
        enabled=enabled,
        who=who,
        reason=reason,
    )
