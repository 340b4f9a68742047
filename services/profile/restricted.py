"""[restricted]: which columns nobody up to a role sees without an elevation, and the reads that an elevation opens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.model import Model
from services.profile.acting import RANK, Acting, Role
from services.profile.sources.database import Name
from services.queues.mapping import Needs
from services.sql_text import not_a_question

ALL = "all"  # what an elevation is for, where it is for every read
LONGEST_MINUTES = 60.0

Column = Annotated[str, Field(pattern=r"^([a-z_][a-z0-9_]*\.){1,2}[a-z_][a-z0-9_]*$")]
ReadId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class Read(Model):
    """A question about restricted columns, which the database answers under an elevation, and notes each time."""

    title: str
    query: str  # one SELECT; `:name` stands for a parameter, which is a text
    params: dict[str, str] = Field(default_factory=dict)  # name -> pattern that its value must match in full
    job: str = ""  # the parameter that is a job's id: then it is offered where that job is looked at
    tables: tuple[Name, ...] = Field(min_length=1)  # what the query reads

    @field_validator("query")
    @classmethod
    def _reads(cls, query: str) -> str:
        if why := not_a_question(query):
            raise ValueError(why)
        return query


class Told(Model):
    """What the system's own audit is told: one statement each, in the transaction of what it is about.

    Parameters: `:elevation` (uuid), `:who` has it, `:actor` did this, `:reason`, `:what` it is for and `:approved_by`
    (text), `:minutes` (numeric), `:until` (timestamptz); of a read also `:read` (text) and `:params` (jsonb).
    """

    granted: str = ""
    ended: str = ""  # before its time: when it ends by itself, `:until` said so
    read: str = ""
    needs: Needs = ()


class Restricted(Model):
    database: str = ""  # the postgres source where elevations are recorded and reads are answered
    columns: dict[Column, Role] = Field(default_factory=dict)  # table.column -> the highest role that does not see it
    sources: tuple[str, ...] = ()  # of which support sees nothing, beside the `sql` ones that are not for its role
    minutes: float = Field(default=LONGEST_MINUTES, gt=0, le=LONGEST_MINUTES)  # an elevation's longest
    reads: dict[ReadId, Read] = Field(default_factory=dict)
    audit: Told = Told()

    @property
    def anything(self) -> bool:
        return bool(self.columns or self.sources)

    def hidden(self, role: Role) -> dict[str, set[str]]:
        """Table -> the columns that this role does not see."""
        found: dict[str, set[str]] = {}
        for place, highest in self.columns.items():
            table, _, column = place.rpartition(".")
            if RANK[role] <= RANK[highest]:
                found.setdefault(table, set()).add(column)
        return found


class ElevationAction(Acting):
    """Asks for an elevation, approves somebody else's, or ends one: recorded in the database of `[restricted]`."""

    effect: Literal["elevation"]
    do: Literal["request", "approve", "revoke"]

    @property
    def complete(self) -> bool:
        """Where one waits, or is in force, and no other, that is the one which is meant."""
        return self.do != "request"
