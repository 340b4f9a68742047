"""effect = "purge": what is due is deleted, from a bucket and then from a database; "verify": evidence of it."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from services.model import Model, Seconds, Size
from services.profile.acting import Acting, Risk
from services.sql_text import NAME, not_a_question

Name = Annotated[str, Field(pattern=rf"^{NAME}$")]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
Reads = dict[Name, tuple[Name, ...]]  # table -> columns that are looked at: operators are granted these
Column = Annotated[str, Field(pattern=r"^[a-z_]\w*$")]


class PurgeKind(Model):
    """Rows of one table, with the objects that go before them. All but `table` and `alias` are SQL over the alias."""

    title: str  # one of them: "raw artifact"
    table: Name
    alias: Column
    id: str
    objects: str = "NULL::text[]"  # the keys of its objects; none: it stands for others that have some
    due: str  # whether it is to be deleted now
    since: str  # since when: the oldest goes first
    ready: str = "true"  # must hold beside `due` when its turn comes, after the kinds before: nothing hangs on it
    bytes: str = "NULL::bigint"  # of its objects, as the row has it
    label: str = "''"  # what a person knows it by; never a name or an address
    match: tuple[str, ...] = ()  # must still be as the preview saw it; nothing that `sql` itself changes
    # Over :ids, one row back per row that is done with. Also :actor, :reason, :run (uuid), :batch (integer).
    sql: str


class PurgeAction(Acting):
    """Finds rows that are due, deletes their objects, and then the rows of exactly those objects that are gone."""

    effect: Literal["purge"]
    database: str
    storage: str  # of kind s3
    risk: Risk = "high"
    most: Annotated[int, Field(ge=1, le=100_000)] = 10_000  # rows, and objects, per confirmation
    batch: Annotated[int, Field(ge=1, le=1000)] = 1000  # rows, and objects, per turn
    prefixes: Annotated[tuple[str, ...], Field(min_length=1)]  # an object elsewhere is never touched
    versions: Literal["all", "marker"] = "all"  # marker: a versioned bucket keeps what was there below a delete marker
    kinds: Annotated[dict[Id, PurgeKind], Field(min_length=1)]  # in this order
    # Once at the end of a run: :word (done, partial), :rows, :objects (both of this run), :actor, :reason, :run.
    ended: str = ""
    reads: Reads = Field(default_factory=dict)
    needs: tuple[str, ...] = ()  # what must be granted beside the tables that the SQL names
    timeout: Seconds = 20.0  # of one call to the store
    longest: Seconds = 7200.0  # of one run: then it stops, and can be gone on with

    @property
    def bound(self) -> int:
        return self.most

    @property
    def complete(self) -> bool:
        return True

    @field_validator("prefixes")
    @classmethod
    def _keep_something_out(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        if not all(prefix.rstrip("/") for prefix in prefixes):
            raise ValueError("an empty prefix is the whole bucket")
        return prefixes


class Answers(Model):
    """A request that must be answered like this for each of the things that are verified."""

    title: str
    url: str  # {column} of what is verified, as a part of the path
    headers: dict[str, str] = Field(default_factory=dict)
    status: Annotated[tuple[int, ...], Field(min_length=1)]
    timeout: Seconds = 5.0


class VerifyAction(Acting):
    """Looks, changes nothing, and writes down what it found as a report."""

    effect: Literal["verify"]
    database: str
    storage: str
    risk: Risk = "low"
    params: dict[Column, str] = Field(default_factory=dict)  # :name in `subjects` -> pattern; it may match nothing
    # What is verified: `id`, `title`, and the columns that the keys below name. One SELECT.
    subjects: str
    reads: Reads = Field(default_factory=dict)
    most: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    holds: dict[Column, str] = Field(default_factory=dict)  # column, which must be true -> what it says
    gone: Column | None = None  # column with keys, none of which may be in the bucket, in no version
    there: Column | None = None  # column with the key of an object that must be there
    size: Column | None = None  # how many bytes it has
    sha256: Column | None = None  # its hash, in hex
    read: Size = 256 * 2**20  # bytes that are read and hashed; beyond that the store's own checksum must do
    answers: Answers | None = None
    timeout: Seconds = 20.0  # of one call to the store
    longest: Seconds = 3600.0

    @property
    def bound(self) -> int:
        return self.most

    @property
    def complete(self) -> bool:
        return all(re.fullmatch(pattern, "") for pattern in self.params.values())

    @field_validator("params")
    @classmethod
    def _are_patterns(cls, params: dict[str, str]) -> dict[str, str]:
        for name, pattern in params.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{name}: not a pattern: {error}") from error
        return params

    @field_validator("subjects")
    @classmethod
    def _only_reads(cls, subjects: str) -> str:
        if why := not_a_question(subjects):
            raise ValueError(why)
        return subjects

    @model_validator(mode="after")
    def _looks_at_something(self) -> VerifyAction:
        if not (self.holds or self.gone or self.there or self.answers):
            raise ValueError("it needs one of holds, gone, there, answers: what is looked at?")
        if (self.size or self.sha256) and not self.there:
            raise ValueError("there: of which object are size and sha256?")
        if self.answers and urlsplit(self.answers.url).scheme not in ("http", "https"):
            raise ValueError("answers.url: neither http nor https")
        return self
