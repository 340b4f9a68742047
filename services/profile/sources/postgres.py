"""[sources.NAME] kind = "postgres": a server, and the connection that others share."""

from __future__ import annotations

from typing import Literal

from services.profile.sources.asked import Asked


class PostgresSource(Asked):
    kind: Literal["postgres"]
    dsn: str  # libpq form, without a password: .pgpass, a service file or the environment have that
    action_dsn: str = ""  # for actions; empty: the same
    pooler: bool = False  # through PgBouncer: no session settings, no options=
