"""The local audit: an intent before every effect, its outcome after it, each record chained to the one before."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from services.actions.alive import birth
from services.actions.journal_file import JournalFile
from services.actions.plan import Outcome, Plan, Request
from services.errors import ActionError
from services.profile import Profile

Kind = Literal["intent", "outcome", "denied", "settled"]
Record = dict[str, Any]

GENESIS = "0" * 64  # what the first record is chained to


@dataclass(frozen=True)
class Verdict:
    """Whether the records are all there and as they were written. `problem` says where they are not."""

    records: int
    problem: str = ""
    torn: bool = False  # the last line has no end: its writer died, or is still at it

    @property
    def ok(self) -> bool:
        return not self.problem


class Journal:
    """One profile's records. Every append is durable when it returns; ActionError when it could not be made."""

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self._file = JournalFile(path)
        self._wall = wall

    @classmethod
    def of(cls, profile: Profile) -> Journal:
        import platformdirs

        demo = profile.demo.state if profile.demo else ""
        return cls(Path(demo or platformdirs.user_state_dir("watchdeck")) / profile.name / "audit.jsonl")

    # ---- writing

    def append_intent(self, action_id: str, plan: Plan, reason: str, lasts_s: float = 0.0) -> str:
        """Says what is about to be done. The record's hash: the ledger keeps it as its anchor."""
        return self._append(
            "intent",
            action_id,
            action=plan.request.action,
            args=plan.request.args,
            way=plan.request.way,
            title=plan.title,
            actor=plan.actor,
            role=plan.role,
            database_user=plan.database_user,
            environment=plan.environment,
            server=plan.server,
            system_identifier=plan.system_identifier,
            reason=reason,
            cap=plan.cap,
            taken_at=plan.taken_at,
            rows=[target.id for target in plan.targets],
            **({"total": plan.total, "frozen": plan.detail["frozen"]} if "frozen" in plan.detail else {}),
            manifest=plan.manifest,
            pid=os.getpid(),
            born=birth(os.getpid()),
            lasts_s=lasts_s,
        )

    def append_outcome(self, outcome: Outcome) -> str:
        return self._append("outcome", outcome.id, **outcome.model_dump(exclude={"id"}))

    def append_settled(self, outcome: Outcome, by: str) -> str:
        """What an action whose reply was lost turned out to be; unknown is the last word where nobody can tell."""
        return self._append("settled", outcome.id, by=by, **outcome.model_dump(exclude={"id"}))

    def append_denied(self, action_id: str, plan: Plan, reason: str, message: str) -> str:
        return self._append(
            "denied",
            action_id,
            action=plan.request.action,
            way=plan.request.way,
            title=plan.title,
            actor=plan.actor,
            role=plan.role,
            reason=reason,
            asked=plan.count,
            message=message,
        )

    def append_refused(self, request: Request, title: str, actor: str, role: str, message: str) -> str:
        """Denied by the gate, before there was a preview."""
        return self._append(
            "denied",
            str(uuid.uuid4()),
            action=request.action,
            way=request.way,
            title=title,
            actor=actor,
            role=role,
            reason="",
            asked=0,
            message=message,
        )

    def _append(self, kind: Kind, action_id: str, **fields: Any) -> str:
        with self._file.locked() as descriptor:
            last = _parsed(self._file.last_line(descriptor))
            record: Record = {
                "n": int(last.get("n", 0)) + 1,
                "wall": self._wall(),
                "kind": kind,
                "id": action_id,
                **fields,
                "prev": str(last.get("hash", GENESIS)),
            }
            record["hash"] = digest(record)
            self._file.append(descriptor, _line(record))
        return str(record["hash"])

    # ---- reading

    def records(self) -> Iterator[Record]:
        """Every whole record, oldest first; lines that are none are left out (verify tells of them)."""
        for line in self._file.read().split(b"\n")[:-1]:
            if record := _parsed(line):
                yield record

    def intent(self, action_id: str) -> Record:
        for record in self.records():
            if record["kind"] == "intent" and record["id"] == action_id:
                return record
        raise ActionError(f"{self.path}: the intent of {action_id} is not there any more", "look into watchdeck.ledger")

    def unsettled(self) -> tuple[Record, ...]:
        """Intents of which it is not known how they ended, oldest first."""
        open_: dict[str, Record] = {}
        for record in self.records():
            if record["kind"] == "intent":
                open_[record["id"]] = record
            elif record["kind"] == "settled" or record.get("word") != "unknown":
                open_.pop(record["id"], None)
        return tuple(open_.values())

    def verify(self, anchors: dict[str, str] | None = None) -> Verdict:
        """Walks the chain. `anchors`, id -> hash from the ledger, also finds a tail that was cut off."""
        *lines, rest = self._file.read().split(b"\n")
        before, known = GENESIS, {}
        for at, line in enumerate(lines, 1):
            record = _parsed(line)
            if problem := _broken(record, before, at):
                return Verdict(at - 1, f"{self.path}, line {at}: {problem}", bool(rest))
            before = record["hash"]
            if record["kind"] == "intent":
                known[record["id"]] = before
        for action_id, anchor in (anchors or {}).items():
            if known.get(action_id) != anchor:
                what = "another intent" if action_id in known else "no intent"
                return Verdict(len(lines), f"{self.path}: the ledger has the action {action_id}, here is {what} of it")
        return Verdict(len(lines), torn=bool(rest))

    def client(self) -> str:
        """This machine and this file, as the ledger names them: which anchors `verify` may look for."""
        return f"{platform.node()}:{self.path}"


def digest(record: Record) -> str:
    """Over everything but the hash itself; the previous record's hash is part of it."""
    content = {key: value for key, value in record.items() if key != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _line(record: Record) -> bytes:
    # ASCII: a character that one reader takes for a line break is written as an escape
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _parsed(line: bytes) -> Record:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) and {"kind", "id", "hash", "prev"} <= record.keys() else {}


def _broken(record: Record, before: str, at: int) -> str:
    if not record:
        return "not a record"
    if record["prev"] != before or record.get("n") != at:
        return "a record before it was removed, added or moved"
    return "" if record["hash"] == digest(record) else "it was edited"
