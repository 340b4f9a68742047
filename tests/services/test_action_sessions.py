"""Sessions of a real server are ended or left alone: only those that were seen, and only as they were seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from services.action_trial import trials
from services.actions.grants import roles_sql
from services.actions.journal import Journal
from services.actions.plan import Plan
from services.errors import ActionError, Denied
from services.profile import parse
from tests.actions import Bench, profile_of, until
from tests.conftest import Database
from tests.services.test_action_roles import login

ACTIONS = """
[actions.terminate]
title = "Terminate a session"
key = "T"
effect = "session"
database = "db"
do = "terminate"
cap = 3

[actions.cancel]
title = "Cancel a query"
effect = "session"
database = "db"
do = "cancel"
risk = "medium"

[actions.end-forgotten]
title = "End forgotten transactions"
effect = "session"
database = "db"
do = "terminate"
select = "idle in transaction"
older_than = "0s"

[actions.kill-idle]
title = "Kill idle connections"
effect = "session"
database = "db"
do = "terminate"
select = "idle"
older_than = "0s"
application = "shop-.*|100%s"
"""
WHY = "it blocks everybody"


def text(dsn: str) -> str:
    return profile_of(dsn, extra=ACTIONS)


@pytest.fixture(scope="module")
def prepared(mre_of_module: Database) -> Database:
    mre_of_module.execute(roles_sql(parse(text(mre_of_module.dsn), "test")))
    return mre_of_module


@pytest.fixture
def mine(prepared: Database, tmp_path: Path) -> Bench:
    """Acted on by an operator who has no more than the role."""
    prepared.execute("TRUNCATE watchdeck.ledger")
    profile = parse(text(prepared.dsn), "test")
    owner = Bench(prepared, profile, Journal(tmp_path / "state" / "mre" / "audit.jsonl"), tmp_path)
    return replace(owner, profile=parse(text(login(owner, "watchdeck_operator", tmp_path)), "test"))


class Clients:
    """Sessions of an ordinary user."""

    def __init__(self, mine: Bench, folder: Path) -> None:
        self._dsn = login(mine, "watchdeck_viewer", folder)
        self._mine = mine
        self._open = ExitStack()

    def one(self, application: str = "shop-api", sql: str = "") -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._dsn, application_name=application, autocommit=not sql)
        self._open.enter_context(closing(connection))
        if sql:
            connection.execute(sql)
        return connection

    def id(self, client: psycopg.Connection[Any]) -> str:
        start = "(extract(epoch FROM backend_start) * 1000000)::bigint"
        sql = f"SELECT pid || ':' || {start} FROM pg_stat_activity WHERE pid = %s"
        return str(self._mine.database.execute(sql, client.info.backend_pid)[0][0])

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def clients(mine: Bench, tmp_path: Path) -> Iterator[Clients]:
    found = Clients(mine, tmp_path)
    yield found
    found.close()


def lives(client: psycopg.Connection[Any]) -> bool:
    try:
        client.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


async def test_the_session_that_was_named_is_ended_recorded_and_seen_to_be_gone(mine: Bench, clients: Clients) -> None:
    blocker, other = clients.one(sql="LOCK TABLE watchdeck.ledger IN ACCESS SHARE MODE"), clients.one()
    plan = await mine.plan("terminate", ids=clients.id(blocker))
    (target,) = plan.targets
    assert target.state == "idle in transaction" and "transaction since" in target.note and "shop-api" in target.label
    assert plan.confirm.kind == "name" and plan.confirm.expected == str(blocker.info.backend_pid)
    outcome = await mine.act(plan, WHY)
    assert (outcome.word, outcome.applied) == ("done", 1), outcome.message
    assert not lives(blocker) and lives(other)
    assert mine.ledger() == [("terminate", "alice", "done", 1, 1)]
    again = await mine.act(plan, WHY)
    assert again.word == "not applied" and "alice did “Terminate a session” on them" in again.message


async def test_what_is_no_longer_as_it_was_seen_ends_nobodys_session(mine: Bench, clients: Clients) -> None:
    """Another session under the same process id, one that is in another transaction, one that has gone."""
    first, second = clients.one(sql="SELECT 1"), clients.one(sql="SELECT 1")
    plan = await mine.plan("terminate", ids=f"{clients.id(first)},{clients.id(second)}")
    pid, _, start = clients.id(second).partition(":")
    reused = {clients.id(second): f"{pid}:{int(start) - 1}"}  # the number was somebody else's when it was looked at
    targets = tuple(one.model_copy(update={"id": reused.get(one.id, one.id)}) for one in plan.targets)
    outcome = await mine.act(plan.model_copy(update={"targets": targets}), WHY)
    assert outcome.word == "not applied" and "matched 1 of 2" in outcome.message
    second.commit()
    second.execute("SELECT 1")
    outcome = await mine.act(plan, WHY)
    assert outcome.word == "not applied" and outcome.differing[0].startswith(f"{clients.id(second)} is idle in")
    second.close()
    assert "matched 1 of 2" in (await mine.act(plan, WHY)).message
    assert lives(first) and mine.ledger() == []


async def test_only_the_query_that_was_seen_is_cancelled_and_its_session_stays(
    mine: Bench, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.actions.effects.session.effect.GONE_S", 0.2)
    client = clients.one()
    said: list[str | None] = []

    def sleep() -> None:
        try:
            client.execute("SELECT pg_sleep(60)")
        except psycopg.Error as error:
            said.append(error.sqlstate)
            client.execute("SELECT pg_sleep(0.6)")  # what it does next is another query

    thread = threading.Thread(target=sleep)
    thread.start()
    await until(lambda: mine.database.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"), "asleep")
    plan = await mine.plan("cancel", ids=clients.id(client))
    earlier = plan.targets[0].model_copy(
        update={"seen": {**plan.targets[0].seen, "query_start": "2020-01-01 00:00:00+00"}}
    )
    outcome = await mine.act(plan.model_copy(update={"targets": (earlier,)}))
    assert outcome.word == "not applied" and thread.is_alive()
    outcome = await mine.act(plan)
    thread.join(5)
    assert outcome.word == "done" and said == ["57014"] and lives(client)
    with pytest.raises(ActionError, match=r"nothing matches: \d+ is idle"):
        await mine.plan("cancel", ids=clients.id(client))


async def test_forgotten_transactions_and_idle_connections_are_found_without_being_named(
    mine: Bench, clients: Clients
) -> None:
    forgotten, idle = clients.one("batch", "SELECT 1"), [clients.one(), clients.one("shop-web")]
    stranger = clients.one("pgadmin")
    plan = await mine.plan("kill-idle")
    assert {target.id for target in plan.targets} == {clients.id(one) for one in idle}
    assert plan.confirm.expected == "staging"
    assert (await mine.act(plan, WHY)).word == "done"
    assert not any(map(lives, idle)) and lives(stranger)
    plan = await mine.plan("end-forgotten")
    assert [target.id for target in plan.targets] == [clients.id(forgotten)]
    forgotten.commit()  # it was only slow
    assert (await mine.act(plan, WHY)).word == "not applied" and lives(forgotten)
    forgotten.rollback()
    with pytest.raises(ActionError, match="nothing matches") as refused:
        await mine.plan("end-forgotten")
    assert "idle in transaction for 0 s" in refused.value.remedy


async def test_superusers_the_consoles_own_and_the_servers_own_are_spared(mine: Bench, clients: Clients) -> None:
    console = clients.one("watchdeck/poll", "SELECT 1")
    with psycopg.connect(mine.database.dsn) as root:
        for client, why in ((console, "it is a console's own"), (root, "it is a superuser's")):
            with pytest.raises(ActionError, match=why):
                await mine.plan("terminate", ids=clients.id(client))
        guest = clients.one(sql="SELECT 1")
        plan = await mine.plan("terminate", ids=f"{clients.id(guest)},{clients.id(root)}")
        assert "left out" in plan.warnings[0] and len(plan.targets) == 1
        (seen,) = await _seen(mine, clients.id(root))
        forged = (*plan.targets, plan.targets[0].model_copy(update={"id": clients.id(root), "seen": seen}))
        outcome = await mine.act(plan.model_copy(update={"targets": forged}), WHY)
        assert outcome.word == "not applied" and lives(root) and lives(guest)


async def _seen(mine: Bench, one: str) -> list[dict[str, Any]]:
    rows = mine.database.execute("SELECT seen FROM watchdeck.sessions(false) WHERE id = %s", one)
    return [dict(row[0]) for row in rows]  # type: ignore[call-overload]


async def test_without_the_right_to_signal_nothing_is_offered_and_the_grant_is_named(
    mine: Bench, clients: Clients
) -> None:
    client = clients.one(sql="SELECT 1")
    plan = await mine.plan("terminate", ids=clients.id(client))
    mine.database.execute("REVOKE pg_signal_backend FROM watchdeck_owner")
    try:
        with pytest.raises(ActionError, match="no role pg_signal_backend"):
            await mine.plan("terminate", ids=clients.id(client))
        outcome = await mine.act(plan, WHY)
        assert outcome.word == "not applied" and lives(client)
        warned = {each.what: each.message for each in await trials(mine.profile, False) if each.word == "warning"}
        assert "GRANT pg_signal_backend TO watchdeck_owner is missing" in warned["action terminate"]
    finally:
        mine.database.execute("GRANT pg_signal_backend TO watchdeck_owner")


@pytest.mark.parametrize("ids", ["", "4711", "4711:1; DROP TABLE jobs", "0:1"])
async def test_a_process_id_alone_is_no_session(mine: Bench, ids: str) -> None:
    with pytest.raises(ActionError):
        await mine.plan("terminate", ids=ids)


async def test_a_viewer_neither_looks_at_sessions_nor_ends_them(mine: Bench, clients: Clients, tmp_path: Path) -> None:
    client = clients.one(sql="SELECT 1")
    plan: Plan = await mine.plan("terminate", ids=clients.id(client))
    there = replace(mine, profile=parse(text(login(mine, "watchdeck_viewer", tmp_path)), "test"))
    outcome = await there.act(plan, WHY)
    assert outcome.word == "denied" and lives(client)
    with pytest.raises((ActionError, Denied, Exception), match="permission denied for function sessions"):
        await there.plan("terminate", ids=clients.id(client))
