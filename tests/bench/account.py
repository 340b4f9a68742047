"""What is there after a retention run, counted past watchdeck: by list calls, SQL, and the manifest's lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import boto3

from tests.purging import BUCKET, Kept

STAYING = 100  # of each: rows that are not due yet with their objects, and objects that no row knows
_TOMBS = "SELECT count(*), count(DISTINCT object_key), count(DISTINCT (kind, of_id)), count(run) FROM tombstones"
_AUDIT = """
SELECT sum(coalesce(detail ->> 'artifacts', detail ->> 'datasets')::int) FROM audit_events
 WHERE kind = 'retention.deleted'
"""
_TURNS = "SELECT sum(applied) FROM watchdeck.ledger WHERE outcome ? 'kind'"
_RUNS = "SELECT sum(applied), count(*) FROM watchdeck.ledger WHERE rows ? 'manifest'"
_ENDS = "SELECT kind FROM audit_events WHERE kind IN ('retention.completed', 'retention.failed') ORDER BY id"


@dataclass(frozen=True)
class Account:
    here: Kept
    doomed: frozenset[str]
    staying: frozenset[str]

    @classmethod
    def laid_out(cls, here: Kept, objects: int) -> Account:
        """Expired artifacts and datasets by halves, and what must not be touched."""
        half = objects // 2
        doomed = frozenset({*here.expired(half), *here.expired(half, "datasets")})
        staying = {*here.expired(STAYING, age="-9 days", first=10**7)}
        others = [f"raw/{number}.fit.bak" for number in range(STAYING // 2)]
        others += [f"backups/{number}.dump" for number in range(STAYING - STAYING // 2)]
        here.store.put(others)
        return cls(here, doomed, frozenset(staying | set(others)))

    def told(self) -> int:
        """Prints each count beside what it has to be; 1 when one is not."""
        wrong = 0
        for what, found, wanted in self._counts():
            wrong += found != wanted
            print(
                f"  {'ok ' if found == wanted else 'NOT'} {what}: {found}{'' if found == wanted else f', not {wanted}'}"
            )
        return int(wrong > 0)

    def _counts(self) -> list[tuple[str, object, object]]:
        execute, many, bucket = self.here.database.execute, len(self.doomed), self._bucket()
        rows = {
            str(key) for table in ("artifacts", "datasets") for (key,) in execute(f"SELECT object_key FROM {table}")
        }
        (runs, begun), ends = execute(_RUNS)[0], [kind for (kind,) in execute(_ENDS)]
        return [
            ("objects left that had expired", len(bucket & self.doomed), 0),
            ("objects that must stay and are there", len(bucket & self.staying), len(self.staying)),
            ("rows left that had expired", len(rows & self.doomed), 0),
            ("rows that must stay and are there", len(rows - self.doomed), STAYING),
            ("tombstones, their keys, their rows, with a run", execute(_TOMBS)[0], (many,) * 4),
            ("rows by the audit's events", execute(_AUDIT)[0], (many,)),
            ("rows by the ledger's turns", execute(_TURNS)[0], (many,)),
            ("rows by the ledger's runs", runs, many),
            ("runs begun", begun, 4),
            ("ends in the audit", ends, ["retention.failed", "retention.failed", "retention.completed"]),
            ("keys of the manifest that are the expired ones", self._manifest(), many),
            ("asked for beside them", len(set(self.here.store.asked) - self.doomed), 0),
            ("local audit unbroken, nothing unsettled", self._journal(), (True, 0)),
        ]

    def _bucket(self) -> set[str]:
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=self.here.store.url, **keys)
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return {row["Key"] for page in pages for row in page.get("Contents", ())}

    def _manifest(self) -> int:
        """One manifest alone, and it says `done`."""
        [path] = self._manifests()
        _, *rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        return len({each[0] for row in rows for each in row[3]} & self.doomed) if path.suffix == ".done" else 0

    def _manifests(self) -> list[Path]:
        return list(self.here.bench.journal.path.with_name("manifests").iterdir())

    def _journal(self) -> tuple[bool, int]:
        journal = self.here.bench.journal
        return journal.verify().ok, len(journal.unsettled())
