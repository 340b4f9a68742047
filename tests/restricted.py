"""A database with a canary in every restricted column, and the people around it: support, and who may approve."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from services.actions.journal import Journal
from services.actions.plan import Outcome, Plan, Request
from services.actions.preview import preview, previewing
from services.actions.restricted import Answer, read
from services.actions.runner import Runner
from services.profile import Profile, parse
from tests.actions import Bench, bench, profile_of
from tests.conftest import Database

CANARY = "canary-1f7d"  # a word that a search finds, a log keeps, and SQL may be named with


def planted(mine: Bench, folder: Path) -> str:
    """The canary wherever somebody's data may be; the text of a profile for it, with `{dsn}` and `{role}` in it."""
    mine.stale(1)
    mine.failed(3)
    mine.database.execute(
        f"UPDATE jobs SET payload = jsonb_build_object('first_fix', '{CANARY}'), last_error_code = 'CSV_BAD',"
        f" last_error_message = '{CANARY} in row 3', finished_at = CASE WHEN state = 'failed' THEN now() END;"
        "INSERT INTO job_attempts (job_id, attempt, type, worker_id, started_at, finished_at, outcome, error_code,"
        f" error_message) SELECT id, 1, type, 'dead', now(), now(), 'failed', 'CSV_BAD', '{CANARY} in row 3' FROM jobs;"
        f"INSERT INTO reaper_runs (kind, finished_at, released, error) VALUES ('stale-locks', now(), 0, '{CANARY}');"
        "INSERT INTO audit_events (actor, kind, detail) SELECT 'api', 'login.failed',"
        f" jsonb_build_object('ip', '{CANARY}', 'account', '{CANARY}') FROM generate_series(1, 12);"
        "INSERT INTO artifacts (session_id, owner_user_id, object_key, bytes, expires_at)"
        f" VALUES (1, 1, 'raw/{CANARY}.csv', 1, now() - interval '1 day')"
    )
    log, said = folder / "app.log", folder / "says"
    log.write_text(f"ERROR request={CANARY} lap of {CANARY}\n" * 3)
    said.write_text(f"#!/bin/sh\necho {CANARY}\n")
    said.chmod(0o700)
    extra = (
        f'\n[sources.app-log]\nkind = "logs"\npaths = ["{log}"]\nrequest = "request=(\\\\S+)"\ninterval = "1s"\n'
        f'\n[sources.says]\nkind = "command"\nargv = ["{said}"]\ninterval = "1s"\n'
    )
    text = profile_of("{dsn}", extra=extra)
    return text.replace('default = "operator"', 'default = "{role}"')


def login(mine: Bench, role: str, folder: Path) -> str:
    """A DSN of a new person with this role."""
    name, password = f"wd_{secrets.token_hex(4)}", secrets.token_hex(8)
    mine.database.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE {role}")
    passfile = folder / name
    passfile.write_text(f"*:*:*:{name}:{password}\n")
    passfile.chmod(0o600)
    port = mine.database.cluster.port
    return f"host=127.0.0.1 port={port} user={name} dbname={mine.database.name} passfile={passfile} sslmode=disable"


@dataclass(frozen=True)
class Person:
    """Somebody with a name, a database login of their own and what the profile gives them."""

    name: str
    dsn: str
    text: str
    journal: Journal

    @property
    def profile(self) -> Profile:
        return parse(self.text, "test")

    async def plan(self, action: str, **args: str) -> Plan:
        async with previewing(self.profile, action) as prospect:
            role = await prospect.role(self.name)
            return await preview(self.profile, Request(action=action, args=args), prospect, actor=self.name, role=role)

    async def act(self, action: str, reason: str = "ticket 4711", **args: str) -> Outcome:
        plan = await self.plan(action, **args)
        return await Runner(self.profile, plan, reason, self.name, self.journal).carry_out()


def person(mine: Bench, name: str, role: Any, text: str, folder: Path, dsn: str = "") -> Person:
    dsn = dsn or login(mine, f"watchdeck_{role}", folder)
    return Person(name, dsn, text.replace("{dsn}", dsn).replace("{role}", role), mine.journal)


@dataclass(frozen=True)
class People:
    mine: Bench
    text: str
    support: Person
    other: Person  # support as well
    operator: Person
    blind: Person  # support by the profile alone, with a superuser's hands in the database

    def now(self, sql: str) -> Any:
        return self.mine.database.execute(sql)[0][0]

    @contextmanager
    def blocking(self) -> Iterator[None]:
        """Somebody waits for somebody, with the canary in what they run."""
        query = f'UPDATE reaper_runs AS "{CANARY}" SET actor = actor'  # values are masked for everybody; names are not
        with psycopg.connect(self.mine.database.dsn) as holder, ThreadPoolExecutor() as threads:
            holder.execute("SELECT id FROM reaper_runs FOR UPDATE")
            waiter = threads.submit(self.mine.database.execute, query)
            while not self.now("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                assert not waiter.done()
            yield
            holder.rollback()

    async def elevated(self, minutes: str = "15", what: str = "all", who: Person | None = None) -> str:
        asked = await (who or self.support).act("elevate", what=what, minutes=minutes)
        assert (asked.word, asked.message) == ("done", "Ask for an elevation: done, 1 of 1")
        given = await self.operator.act("approve-elevation", ids=asked.id)
        assert given.word == "done", given.message
        return asked.id


def people_of(database: Database, folder: Path) -> People:
    mine = bench(database, folder)
    text = planted(mine, folder)
    made = [
        person(mine, name, role, text, folder)
        for name, role in (("sue", "support"), ("sam", "support"), ("olga", "operator"))
    ]
    return People(mine, text, *made, person(mine, "sue", "support", text, folder, dsn=database.dsn))


async def payload(who: Person, elevation: str, job: str = "1") -> Answer:
    return await read(who.profile, "job-payload", {"id": job}, elevation, who.name)
