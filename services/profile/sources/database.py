"""[sources.NAME] on a postgres source, `database`: statements, tables, sql; and kind = "pgbouncer", a pooler."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.model import Seconds, Size
from services.profile.acting import Role
from services.profile.sources.asked import Asked
from services.sql_text import NAME, not_a_question

Name = Annotated[str, Field(pattern=rf"^{NAME}$")]


class OfDatabase(Asked):
    database: str  # the postgres source whose connections it shares
    interval: Seconds = 60.0
    timeout: Seconds = 10.0


class StatementsSource(OfDatabase):
    kind: Literal["statements"]
    interval: Seconds = 30.0
    window: Seconds = 900.0
    slow: Seconds = 0.5  # calls of statements with a longer mean are counted as slow


class TablesSource(OfDatabase):
    kind: Literal["tables"]
    capacity: Size | None = None  # of the disk that the databases are on, which SQL cannot know


class SqlSource(OfDatabase):
    kind: Literal["sql"]
    query: str  # one SELECT, which a read-only transaction runs
    value: str = "value"  # the column with the figure, which is called by this name
    labels: tuple[str, ...] = ()  # columns that tell the rows apart
    unit: Literal["", "s", "bytes", "share", "count", "unix"] = ""
    reads: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)  # table -> columns, which `role` is granted
    role: Role = "operator"  # the lowest that it is read for; support is not even shown a figure of the others
    timeout: Seconds = 5.0

    @field_validator("query")
    @classmethod
    def _reads(cls, query: str) -> str:
        if why := not_a_question(query):
            raise ValueError(why)
        return query


class PgbouncerSource(Asked):
    kind: Literal["pgbouncer"]
    dsn: str  # of its admin console: dbname=pgbouncer, as one of its stats_users
