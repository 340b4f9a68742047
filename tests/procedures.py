"""A small profile with procedures, and what a console would have of it: no server, no clock of this machine's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.alerts import Alert, Alerts
from services.procedures.kept import Kept
from services.procedures.seen import Seen
from services.profile import Profile, parse
from services.readings import Fault, Figure, NamedFigure, NamedValues, Reading, Snapshot, Unknown

NOTHING = Kept()  # nobody has done anything
WALL = 1_700_000_000.0
MONO = 5_000.0
TEXT = """
schema = 1
name = "small"
title = "Small system"
[roles]
default = "operator"
[environment]
name = "staging"
[sources.app]
kind = "json"
title = "App"
url = "http://127.0.0.1:1/health"
interval = "5s"
figures = { depth = "depth", failing_rate = "failing" }
[rules.deep]
title = "Queue is deep"
kind = "threshold"
source = "app"
figure = "figures.depth"
op = ">"
value = 50
severity = "SEV2"
[actions.drain]
title = "Drain"
effect = "command"
argv = ["true"]
gate = "gate"
[actions.plain]
title = "Plain"
effect = "command"
argv = ["true"]
[checks.depth]
title = "Queue depth"
source = "app"
figure = "figures.depth"
op = "<="
value = 20
[checklists.gate]
title = "Before a deploy"
gate = true
[checklists.gate.steps.depth]
title = "No backlog"
holds = [{ check = "depth" }]
[checklists.daily]
title = "Daily check"
every = "1d"
[checklists.daily.steps.depth]
title = "Depth is low"
help = "A deep queue in the morning means that the night's batch is not through."
holds = [{ check = "depth" }]
view = "services"
[checklists.daily.steps.drained]
title = "It was drained"
holds = [{ action = "plain" }]
action = "plain"
[checklists.daily.steps.look]
title = "The wall is lit"
evidence = true
by = "10m"
[checklists.daily.steps.delete]
title = "The old one is deleted"
confirm = "delete old"
[checklists.daily.steps.coffee]
title = "Coffee"
optional = true
[playbooks.outage]
title = "App is gone"
[playbooks.outage.steps.answers]
title = "It answers"
holds = [{ source = "app" }, { record = "daily", within = "1d" }]
[playbooks.outage.steps.well]
title = "The queue is well again"
holds = [{ rule = "deep" }]
"""


def profile(more: str = "", state: Path | None = None) -> Profile:
    """`more` is appended; `state`: where its records are kept."""
    kept = f'[demo]\ncontrol = "http://127.0.0.1:1/x"\nstate = "{state}"\n' if state else ""
    return parse(TEXT + more + kept, "small.toml")


def reading(values: Mapping[str, Figure] | Fault, at: float = WALL, source: str = "app") -> Reading:
    mono = MONO - (WALL - at)
    if isinstance(values, Fault):
        return Reading(source, at, mono, 0.1, 5.0, fault=values)
    figures = tuple(NamedFigure(name, value) for name, value in values.items())
    return Reading(source, at, mono, 0.1, 5.0, NamedValues("it", figures))


def alert(state: str, **more: Any) -> Alert:
    told: dict[str, Any] = {"value": Unknown("no data yet"), "threshold": "> 50", "since": WALL, "source": "app"} | more
    return Alert("deep", "Queue is deep", state, **told)  # type: ignore[arg-type]


def seen(
    of: Profile | None = None,
    *readings: Reading,
    alerts: tuple[Alert, ...] = (),
    kept: Kept = NOTHING,
    began: float | None = None,
) -> Seen:
    found = of or profile()
    snapshot = Snapshot.awaiting({name: source.interval for name, source in found.sources.items()})
    for each in readings:
        snapshot = snapshot.with_reading(each)
    told = Alerts({one.key: one for one in alerts})
    return Seen(found, snapshot, told, MONO, WALL, kept, began)
