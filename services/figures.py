"""Figures by name: a dotted path such as `total.failure_rate` into what a source reports, for rules, history, lint.

A step is an attribute; where the values hold several things of one kind, it is the name of one of them:
`types.fuse.waiting`, `checks./api/health.latency_s`, `by_status.running`, `figures.days_left`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from services import readings
from services.readings import AtLeast, Estimate, Figure, Unknown

# What the items of a sequence are called by, for those that a path may go through.
NAMES: Mapping[type, str] = MappingProxyType(
    {
        readings.Arrival: "name",
        readings.Certificate: "address",
        readings.Dump: "key",
        readings.HealthCheck: "path",
        readings.MetricSample: "key",
        readings.NamedFigure: "key",
        readings.DatabaseCounters: "name",
        readings.PoolFigures: "name",
        readings.TableFigures: "name",
        readings.Setting: "name",
        readings.Timer: "name",
        readings.TypeFigures: "type",
        readings.Unit: "name",
        readings.UsableTime: "size_class",
    }
)

KINDS: Mapping[str, type] = MappingProxyType(
    {
        "http": readings.HealthValues,
        "postgres": readings.PostgresValues,
        "statements": readings.StatementsValues,
        "tables": readings.TablesValues,
        "sql": readings.NamedValues,
        "due": readings.NamedValues,
        "pgbouncer": readings.PoolsValues,
        "queue": readings.QueueValues,
        "runs": readings.RunsValues,
        "flags": readings.FlagsValues,
        "reaper": readings.ReaperValues,
        "s3": readings.StorageValues,
        "bucket": readings.BucketValues,
        "backups": readings.BackupsValues,
        "minio": readings.MinioValues,
        "tls": readings.TlsValues,
        "tcp": readings.HealthValues,
        "redis": readings.RedisValues,
        "prometheus": readings.MetricsValues,
        "promql": readings.PromqlValues,
        "json": readings.NamedValues,
        "alertmanager": readings.AlertmanagerValues,
        "clocks": readings.NamedValues,
        "command": readings.NamedValues,
        "files": readings.NamedValues,
        "disk": readings.NamedValues,
        "host": readings.NamedValues,
        "systemd": readings.UnitsValues,
        "logs": readings.LogsValues,
    }
)


def figure(values: object, path: str) -> Figure:
    """The figure at `path`; Unknown when there is none, or none now."""
    found = _found(values, path)
    if isinstance(found, bool):
        return int(found)
    if isinstance(found, int | float | Estimate | AtLeast | Unknown):
        return found
    return Unknown("no data yet", f"there is no figure {path} now")


def text(values: object, path: str) -> str | None:
    """The words at `path`: a version, a status. None when there are none."""
    found = _found(values, path)
    return found if isinstance(found, str) and found else None


def _found(values: object, path: str) -> object:
    found = values
    rest = path
    while rest:
        if isinstance(found, Unknown):
            return found
        if isinstance(found, tuple):
            found, rest = _item(found, rest)
        else:
            step, _, rest = rest.partition(".")
            found = getattr(found, step, None)
    if isinstance(found, readings.MetricSample):
        return found.figure
    return found.value if isinstance(found, readings.NamedFigure) else found


def _item(items: tuple[Any, ...], rest: str) -> tuple[object, str]:
    """The item that `rest` starts with the name of, and what follows. The longest name wins: names may hold dots."""
    named = _by_name(items)
    name = rest
    while name and name not in named:
        name = name.rpartition(".")[0]
    item = named.get(name)
    return item[1] if isinstance(item, tuple) else item, rest[len(name) + 1 :] if name else ""


_newest: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})


def _by_name(items: tuple[Any, ...]) -> dict[str, Any]:
    """The items of a reading are asked for one after the other: the last ones' names are kept."""
    global _newest
    known, named = _newest
    if known is not items:
        named = {name: item for item in reversed(items) if (name := _name(item))}
        _newest = (items, named)
    return named


def _name(item: object) -> str:
    if isinstance(item, tuple):  # (name, figure)
        return str(item[0]) if item else ""
    return str(getattr(item, NAMES.get(type(item), ""), ""))


class Instance(NamedTuple):
    """One of the things that a path with `*` for a name stands for."""

    labels: tuple[tuple[str, str], ...]  # what tells it from the others
    name: str  # what stands in the place of `*`
    path: str


def instances(values: object, path: str) -> tuple[Instance, ...]:
    """The path itself, or one for each that there is now: of every name for `types.*.waiting`, and of every set of
    labels for `figures.days_left{*}`."""
    before, star, after = path.partition("*")
    if not star:
        return (Instance((), "", path),)
    folder, stem = before.split(".", 1) if before.endswith("{") else (before.removesuffix("."), "")
    items = _found(values, folder)
    found = []
    for item in items if isinstance(items, tuple) else ():
        name = _name(item)
        if stem:
            if isinstance(item, readings.NamedFigure | readings.MetricSample) and item.labels and name.startswith(stem):
                found.append(Instance(item.labels, name[len(stem) : -1], f"{folder}.{name}"))
        elif name:
            found.append(Instance(((_label(item, folder), name),), name, f"{before}{name}{after}"))
    return tuple(found)


def _label(item: object, folder: str) -> str:
    """What a name is the name of: a path, a type, a status."""
    said = NAMES.get(type(item), "")
    if said and said not in ("key", "name"):
        return said
    last = folder.rpartition(".")[2]
    return last[3:] if last.startswith("by_") else last.removesuffix("s")


def expand(values: object, path: str) -> tuple[str, ...]:
    """The path itself, or with `*` for a name, one path for each there is now: `types.*.waiting`."""
    return tuple(instance.path for instance in instances(values, path))


# ---------------------------------------------------------------------------------------------------------------------
# The same without any values: does a path lead to a figure at all?

_NUMBERS = (int, float, bool, Estimate, AtLeast)
_TEXTS = (str,)


def exists(kind: str, path: str) -> bool:
    """Whether sources of this kind can report a figure of this name."""
    return kind in KINDS and _leads(KINDS[kind], path, _NUMBERS)


def exists_text(kind: str, path: str) -> bool:
    """Whether they can report words under it."""
    return kind in KINDS and _leads(KINDS[kind], path, _TEXTS)


def known(kind: str) -> tuple[str, ...]:
    """The figures of a kind that have a fixed name, for a message that tells somebody what there is."""
    found = []
    for name, hint in _steps(KINDS[kind]).items():
        if _leads(hint, "", _NUMBERS):
            found.append(name)
        elif is_dataclass(hint):
            found += [f"{name}.{field.name}" for field in fields(hint) if _leads(hint, field.name, _NUMBERS)]
    return tuple(found)


def _leads(hint: Any, path: str, leaves: tuple[type, ...]) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return any(_leads(option, path, leaves) for option in get_args(hint))
    if get_origin(hint) is tuple:
        return _leads_through(get_args(hint)[0], path, leaves)
    if not path:
        return hint in leaves
    step, _, rest = path.partition(".")
    steps = _steps(hint)
    return step in steps and _leads(steps[step], rest, leaves)


def _leads_through(item: Any, path: str, leaves: tuple[type, ...]) -> bool:
    """Through a sequence: by any name, which may hold dots itself, and then on from the item."""
    if get_origin(item) is tuple:
        return bool(path) and len(get_args(item)) == 2
    if item in (readings.NamedFigure, readings.MetricSample):
        return bool(path) and leaves is _NUMBERS
    ends = (at for at, char in enumerate(path) if char == "." and at)
    return item in NAMES and any(_leads(item, path[at + 1 :], leaves) for at in ends)


def _steps(kind: Any) -> Mapping[str, Any]:
    """Attribute -> type, of fields and properties."""
    if not is_dataclass(kind):
        return {}
    properties = {name: part.fget for name, part in vars(kind).items() if isinstance(part, property)}
    told = {name: get_type_hints(fget).get("return") for name, fget in properties.items() if fget}
    return get_type_hints(kind) | told
