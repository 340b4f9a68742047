"""How one queue's tables say what every queue says: the declarative mapping that a preset or a profile fills in.

Every string value is an SQL expression over `source.alias` (and the joins), unless said otherwise. A column that
is absent is *not recorded by this queue*, and every figure that needs it says so.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from services.model import Model, Seconds

STATES = ("waiting", "scheduled", "running", "retry_wait", "failed", "succeeded", "cancelled")
LIVE = ("waiting", "scheduled", "running", "retry_wait")


# What stands between GRANT and TO: one privilege or several, on one thing.
Needs = tuple[Annotated[str, Field(pattern=r"^(SELECT|INSERT|UPDATE|DELETE|USAGE|EXECUTE)[A-Z, ]* ON [^;$]+$")], ...]


class Source(Model):
    """Where the jobs are."""

    table: str  # schema-qualified or found on the search path
    alias: str = "j"
    joins: str = ""  # SQL that follows `FROM table alias`
    naive_tz: str = ""  # the zone of timestamps without one, e.g. "UTC"


class Columns(Model):
    id: str
    type: str
    queue: str | None = None
    priority: str | None = None
    attempt: str | None = None
    max_attempts: str | None = None
    created_at: str | None = None
    run_at: str | None = None  # when the job became, or becomes, due
    started_at: str | None = None
    finished_at: str | None = None
    locked_at: str | None = None
    locked_by: str | None = None
    heartbeat_at: str | None = None
    payload: str | None = None
    unique_key: str | None = None
    error_code: str | None = None
    error_text: str | None = None
    owner: str | None = None
    group: str | None = None  # what the job is a part of: a run, a batch


class Cost(Model):
    """What may be counted, and how dear it is. Live states are always counted, up to `cap` per type and state."""

    cap: int = 10_000
    counted: tuple[str, ...] = ()  # finished states that have an index of their own
    estimated: tuple[str, ...] = ()  # finished states told from the planner's statistics
    types: str = ""  # SQL giving the distinct types cheaply; empty: a loose index scan over live rows
    indexes: dict[str, str] = Field(default_factory=dict)  # question (see queues/poll.py) -> CREATE INDEX to suggest
    history: Literal["rows", "none"] = "rows"


class Stale(Model):
    """The two signs of death: `after` is the age a lock may have, `alive` the owner's sign of life."""

    locked: str  # predicate of the rows that hold a lock
    after: Seconds = 600.0
    alive: str | None = None  # predicate: the owner shows life. None: age is the only sign, and nothing is releasable
    heartbeat_at: str | None = None  # the owner's last sign of life
    evidence: Literal["heartbeat", "worker", "backend", "advisory lock", "none"] = "none"


class Attempts(Model):
    """One row per try, where the queue keeps them."""

    table: str
    alias: str = "a"
    job_id: str
    attempt: str
    type: str
    worker: str | None = None
    started_at: str
    finished_at: str
    failed: str  # predicate: this try ended in an error
    retried: str  # predicate: and another try follows
    outcome: str
    error_code: str | None = None
    error_text: str | None = None


class Workers(Model):
    table: str
    alias: str = "w"
    id: str
    pool: str | None = None
    heartbeat_at: str
    started_at: str | None = None
    version: str | None = None
    alive_for: Seconds = 30.0  # silent for longer means dead


class Runs(Model):
    """What jobs belong to: a processing run, a batch, an import."""

    table: str
    alias: str = "r"
    id: str
    session: str
    owner: str | None = None
    status: str
    live: tuple[str, ...] = Field(min_length=1)  # statuses not finished yet
    finished: tuple[str, ...]
    partial: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    cancelled: tuple[str, ...] = ()  # not expected to be published
    size_class: str | None = None
    created_at: str
    usable_at: str | None = None
    published_at: str | None = None
    finished_at: str
    reprocess_of: str | None = None


class Flags(Model):
    """Feature flags. `pause` and `limit` name the flag of a job type, e.g. "jobs.{type}"; names are text, not SQL."""

    table: str
    name: str
    enabled: str
    value: str | None = None
    reason: str | None = None
    changed_by: str | None = None
    changed_at: str | None = None
    expires_at: str | None = None
    pause: str = "jobs.{type}"
    limit: str = "jobs.{type}.concurrency"
    exceptional: tuple[str, ...] = ()  # names of flags that are out of the ordinary when they are on: maintenance
    write: str = ""  # the upsert: parameters :name :enabled :value :reason :actor :expires_at
    needs: Needs = ()


class Reaper(Model):
    table: str
    id: str
    kind: str
    started_at: str
    finished_at: str | None = None
    released: str | None = None
    error: str | None = None
    actor: str | None = None


class Effect(Model):
    """What an action does to rows, as this queue's own code would do it.

    `sql` is one statement over the ids in `:ids` (an array of the id column's own type), may use `:actor` and
    `:reason` (text), and returns one row per changed row, the id first. `from_states` are the states (of [states],
    or the run's status) a row may be in, `only` narrows them down; `match` the columns of [columns] (or [runs])
    that must be as the preview saw them; `expect` is the predicate read back afterwards over the row itself,
    `:since` being the database's clock at the effect. `needs` is what must be granted to the effect's owner beside
    the tables that `sql` writes by name, as SQL says it: "USAGE ON SEQUENCE jobs_id_seq", "EXECUTE ON FUNCTION
    pgq.retry(bigint)".
    """

    title: str
    sql: str
    of: Literal["jobs", "runs"] = "jobs"
    from_states: tuple[str, ...]
    only: str = ""  # predicate: of those, the rows that it may be about at all
    match: tuple[str, ...] = ("attempt", "locked_at", "locked_by")
    expect: str  # read back over the job (or run) itself
    changes: tuple[str, ...]  # in words, for the preview
    reversible: bool = False
    fidelity: Literal["exact", "approximate", "unsupported"] = "exact"
    needs: Needs = ()
    counts: dict[str, str] = Field(default_factory=dict)  # in words -> predicate: how many there are, for the preview
    note: str = ""


class Mapping(Model):
    name: str
    title: str
    source: Source
    columns: Columns
    states: dict[str, str]
    extra: dict[str, str] = Field(default_factory=dict)
    cost: Cost = Cost()
    stale: Stale | None = None
    attempts: Attempts | None = None
    workers: Workers | None = None
    runs: Runs | None = None
    flags: Flags | None = None
    reaper: Reaper | None = None
    actions: dict[str, Effect] = Field(default_factory=dict)
