"""What would make a queue cheaper or truer to look at, in one line each."""

from __future__ import annotations

from collections.abc import Iterator

from services.queues.mapping import Mapping
from services.queues.survey import Survey
from services.queues.window import MOST


def advice(mapping: Mapping, survey: Survey, slow: frozenset[str], cut: bool, messages: bool) -> Iterator[str]:
    for name in sorted(survey.dear):
        rows = f"all of its about {survey.rows:,.0f} rows" if survey.rows else "it from end to end"
        how = "is given up after a few seconds" if name in slow else "is asked once a minute only"
        remedy = mapping.cost.indexes.get(name)
        yield f"no index on {name}: looking reads {rows}, so it {how}" + (f". Suggested: {remedy}" if remedy else "")
    if survey.partly_hidden and survey.hidden is None:
        yield f"row-level security is on: only the rows of {mapping.source.table} that its policies show are counted"
    if survey.workers:
        yield f"workers: {survey.workers.detail}"
    if not messages:
        yield "the errors' texts may not be read by this role; their codes are shown"
    if cut:
        yield f"more than {MOST:,} jobs ended in the window: its figures are of the newest {MOST:,}"
    if mapping.stale and mapping.stale.alive is None:
        yield "no sign of life is recorded: a lock's age alone does not tell that its worker is dead"
