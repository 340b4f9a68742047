"""What a system says for itself, so that the demo's stack can bring it up, break it and take it down again.

The stack calls, in this order: `fill` when the database is new, `start`, `begin`, `addresses`; then it waits for every
process. Whatever a system starts, it starts through its site, which ends it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import psycopg

from services.demo.scenario import Scenario
from services.demo.site import Site

_NONE: Mapping[str, Any] = MappingProxyType({})


class System(ABC):
    """One of the table in `systems`; `name` is that of its shipped profile."""

    name: ClassVar[str]
    database: ClassVar[str] = ""  # its database, and the role that owns it; "": it has no PostgreSQL
    bucket: ClassVar[str] = ""  # made before start(); "": it has no object store
    cluster_settings: ClassVar[Mapping[str, str]] = _NONE  # for postgresql.conf, beside what every demo sets
    ahead: ClassVar[tuple[str, ...]] = ()  # modules that are slow to import: they are, while initdb runs
    people: ClassVar[Mapping[str, str]] = _NONE  # further logins, each with a profile of its own -> its role
    has_history: ClassVar[bool] = False  # whether fill() makes site.jobs jobs of it
    scenarios: ClassVar[Mapping[str, Scenario[Any]]]
    drills: ClassVar[Mapping[str, str]] = _NONE  # playbook or checklist of the profile -> the scenario it is trained on
    usual: ClassVar[Mapping[str, float]] = _NONE  # baseline rule of the profile -> what is usual for it

    api: str = ""  # its address, once begin() has returned; "": it has none

    def __init__(self, site: Site) -> None:
        self.site = site

    def fill(self, owner: psycopg.Connection[Any]) -> None:
        """Makes tables and rows, connected to the new database as its owner."""
        raise NotImplementedError(f"{self.name} has a database and does not say what is in it")

    @abstractmethod
    def start(self) -> None:
        """Starts its processes, and need not wait for them; fills the bucket meanwhile."""

    @abstractmethod
    def begin(self) -> Any:
        """Waits for what its work needs, lets the work begin, in threads that end with site.stopped; the means of its
        scenarios."""

    @abstractmethod
    def addresses(self) -> Mapping[str, str]:
        """The variables that the shipped profile asks for, and their values here."""
