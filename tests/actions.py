"""What the tests of actions share: a database with roles and ledger, rows to act on, and a runner in this process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.actions.grants import roles_sql
from services.actions.journal import Journal
from services.actions.plan import Outcome, Plan, Request
from services.actions.preview import preview, previewing
from services.actions.runner import Runner, StepHook
from services.profile import Profile, parse
from tests.conftest import Database

MRE = Path("services/profiles/mre.toml").read_text()


def profile_of(dsn: str, environment: str = "staging", identifier: str = "", extra: str = "") -> str:
    """The shipped profile, with an address and an environment of the test's own."""
    text = MRE.replace("${MRE_DSN:-dbname=mre}", dsn).replace("${MRE_ENVIRONMENT:-production}", environment)
    return text.replace("${MRE_SYSTEM_IDENTIFIER:-}", identifier) + extra


@dataclass(frozen=True)
class Bench:
    """One database, one profile on it, one local audit."""

    database: Database
    profile: Profile
    journal: Journal
    folder: Path

    def through(self, port: int) -> Bench:
        """The same, but by way of a proxy."""
        dsn = self.database.cluster.dsn(dbname=self.database.name, port=port)
        return replace(self, profile=parse(profile_of(dsn), "test"))

    def file(self) -> Path:
        """The profile as a file, for a child process."""
        path = self.folder / "watchdeck.toml"
        path.write_text(profile_of(self.database.dsn))
        return path

    async def plan(self, action: str, actor: str = "alice", role: Any = "operator", **args: str) -> Plan:
        async with previewing(self.profile, action) as prospect:
            return await preview(self.profile, Request(action=action, args=args), prospect, actor=actor, role=role)

    def runner(self, plan: Plan, reason: str = "because", on_step: StepHook | None = None) -> Runner:
        runner = Runner(self.profile, plan, reason, "alice", self.journal)
        if on_step:
            runner.on_step = on_step
        return runner

    async def act(self, plan: Plan, reason: str = "because", on_step: StepHook | None = None) -> Outcome:
        return await self.runner(plan, reason, on_step).carry_out()

    def stale(self, count: int, kind: str = "parse_raw") -> None:
        """Running jobs whose worker died an hour ago."""
        self.database.execute(
            "INSERT INTO workers (id, pool, pid, version, heartbeat_at) "
            "VALUES ('dead', 'a', 1, '1', now() - interval '1 hour') ON CONFLICT DO NOTHING"
        )
        self._jobs(count, kind, "running", "now() - interval '1 hour', 'dead'")

    def failed(self, count: int, kind: str = "parse_raw") -> None:
        self._jobs(count, kind, "failed", "NULL, NULL")

    def _jobs(self, count: int, kind: str, state: str, lock: str) -> None:
        self.database.execute(
            "INSERT INTO jobs (run_id, owner_user_id, type, state, attempt, locked_at, locked_by) "
            f"SELECT 1, 1, '{kind}', '{state}', 1, {lock} FROM generate_series(1, {count})"
        )

    def states(self) -> dict[str, int]:
        rows = self.database.execute("SELECT state, count(*) FROM jobs GROUP BY state")
        return {str(state): int(str(count)) for state, count in rows}

    def ledger(self) -> list[tuple[object, ...]]:
        return self.database.execute("SELECT action, actor, state, asked, applied FROM watchdeck.ledger ORDER BY at")


def bench(database: Database, folder: Path) -> Bench:
    profile = parse(profile_of(database.dsn), "test")
    database.execute(roles_sql(profile))
    return Bench(database, profile, Journal(folder / "state" / "mre" / "audit.jsonl"), folder)


async def until(condition: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Waits for a condition that another process or the server brings about."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
