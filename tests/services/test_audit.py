"""The local audit as a source: read when it has changed, and honest about a chain that does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.actions.journal import Journal
from services.actions.plan import Confirm, Outcome, Plan, Request
from services.errors import SourceError
from services.sources.audit import Audit

PLAN = Plan(
    request=Request(action="release", way="key"),
    title="Release stale locks",
    profile="mine",
    environment="test",
    production=False,
    server="here/x",
    system_identifier="1",
    database_user="u",
    actor="ada",
    role="operator",
    risk="low",
    confirm=Confirm(kind="key", expected="y"),
    targets=(),
    matching=0,
    changes=(),
    reversible=True,
    taken_at=1.0,
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "audit.jsonl")


async def test_no_audit_yet_is_an_empty_one(journal: Journal) -> None:
    values = await Audit("audit", journal).fetch()
    assert (values.entries, values.unsettled, values.chain_ok) == ((), 0, True)


async def test_an_action_is_unsettled_until_its_outcome_is_there(journal: Journal) -> None:
    source = Audit("audit", journal)
    journal.append_intent("a-1", PLAN, "why not\x1b[m")
    first = await source.fetch()
    assert first.unsettled == 1 and first.entries[0].reason == "why not\\x1b[m"
    assert await source.fetch() is first  # nothing changed: nothing is read again
    journal.append_outcome(Outcome(id="a-1", action="release", word="done", asked=2, applied=2, message="2 released"))
    second = await source.fetch()
    assert (second.unsettled, second.entries[0].outcome, second.entries[0].rows) == (0, "done", 2)


async def test_an_edited_record_breaks_the_chain(journal: Journal) -> None:
    journal.append_intent("a-1", PLAN, "first")
    journal.path.write_text(journal.path.read_text().replace("ada", "eve"))
    assert not (await Audit("audit", journal).fetch()).chain_ok


async def test_an_audit_that_cannot_be_read_is_a_fault(journal: Journal, tmp_path: Path) -> None:
    journal.path.parent.mkdir()
    journal.path.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_text("")
    with pytest.raises(SourceError) as raised:
        await Audit("audit", journal).fetch()
    assert raised.value.remedy
