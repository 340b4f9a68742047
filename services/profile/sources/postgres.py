"""[sources.NAME] kind = "postgres": a server, and the connection that others share; and what is asked over that."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.model import Seconds
from services.profile.sources.asked import Asked


class PostgresSource(Asked):
    kind: Literal["postgres"]
    dsn: str  # libpq form, without a password: .pgpass, a service file or the environment have that
    action_dsn: str = ""  # for actions; empty: the same
    pooler: bool = False  # through PgBouncer: no session settings, no options=
    replicas: int | None = Field(default=None, ge=0)  # standbys that should stream from it; None: nobody says
    long_query: Seconds = 30.0  # a query that runs longer is listed first, and counted
    long_idle: Seconds = 60.0  # the same for who is idle in a transaction
