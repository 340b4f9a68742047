"""effect = "backup": a dump into a bucket; effect = "restore-test": the proof that such a dump can be used."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from services.model import Model, Seconds, Size
from services.profile.acting import Acting, Argv
from services.profile.procedures import ConditionOp, Id

Table = Annotated[str, Field(pattern=r"^[^.\"]+\.[^.\"]+$")]  # schema.name, without quotes


class BackupAction(Acting):
    """Dumps a database into a bucket, with a manifest beside it: OBJECT.json has its checksum, and what was counted."""

    effect: Literal["backup"]
    database: str  # a postgres source: what is dumped
    store: str  # a source of kind s3 or bucket: where to
    prefix: str = "backups/"
    match: str = "*.dump"  # shell pattern of what is a dump below the prefix, whoever wrote it
    name: str = "%Y-%m-%dT%H%M%SZ.dump"  # what follows the prefix: strftime, in UTC
    dsn: str = ""  # as whom: who dumps must be able to read everything; empty: as the source does
    tables: Annotated[tuple[Table, ...], Field(min_length=1)]  # counted and summed up in the dump's own snapshot
    ledger: str = ""  # query: how far the deletions have come, as one text
    pg_dump: Argv = ("pg_dump",)
    timeout: Seconds = 4 * 3600.0

    @property
    def complete(self) -> bool:
        return True

    @field_validator("name")
    @classmethod
    def _is_always_another(cls, name: str) -> str:
        if "%S" not in name and "%s" not in name and "%T" not in name:
            raise ValueError("it needs the seconds, or two dumps would be one object: %Y-%m-%dT%H%M%SZ.dump")
        if "/" in name:
            raise ValueError("folders belong into `prefix`")
        return name


class DeletionLedger(Model):
    """What was deleted since the dump must not come back with it. `ids` asks the live database for one text column; the
    others are told to the scratch database and have those as %(ids)s, an array of text."""

    ids: str  # with %(since)s: an hour before the dump, for what was under way then. Doing it twice harms nothing.
    apply: Annotated[tuple[str, ...], Field(min_length=1)]
    left: str  # counts what is there that should not be: 0 afterwards


class Smoke(Model):
    """A question whose answer tells whether what was restored can be used: one row, one number."""

    title: str
    query: str
    op: ConditionOp = ">"
    value: float = 0


class RestoreTestAction(Acting):
    """Restores the newest dump (or the one that is named) into a database that is made for it and dropped again."""

    effect: Literal["restore-test"]
    backup: str = ""  # the action whose dumps these are
    glob: str = ""  # or files on this machine: custom format, or SQL, packed by gzip or not
    dsn: str = ""  # where the scratch database is made; empty: on the server that was dumped
    capacity: Size | None = None  # of the disk there, which SQL cannot know
    deletions: DeletionLedger | None = None
    smoke: Annotated[dict[Id, Smoke], Field(min_length=1)]
    tolerate: tuple[str, ...] = ()  # patterns of what pg_restore may complain about: extensions that are not there
    pg_restore: Argv = ("pg_restore",)
    psql: Argv = ("psql",)  # for dumps that are SQL
    timeout: Seconds = 4 * 3600.0
    every: Seconds | None = None  # it is due so long after the last one that passed

    @property
    def complete(self) -> bool:
        return True

    @model_validator(mode="after")
    def _of_one_kind(self) -> RestoreTestAction:
        if bool(self.backup) == bool(self.glob):
            raise ValueError("it tests either the dumps of a `backup`, or the files of a `glob`")
        if self.glob and not self.dsn:
            raise ValueError("dsn: files do not tell on which server the scratch database is to be made")
        if self.glob and self.deletions:
            raise ValueError("deletions: files do not tell when they were dumped, nor of which database")
        return self
