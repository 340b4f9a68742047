"""As much of a migration tool as taking one revision back needs: `current`, and `downgrade -1`."""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg

HOME = Path(__file__).parents[1]


def current(database: psycopg.Connection[tuple[str]]) -> str:
    row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else ""


def downgrade(database: psycopg.Connection[tuple[str]]) -> int:
    """In one transaction: all of it, or nothing."""
    revision = current(database)
    [path] = (HOME / "migrations").glob(f"{revision}_*.sql")
    _, found, down = path.read_text().partition("-- down\n")
    if not found:
        print(f"{path.name} has no way back", file=sys.stderr)
        return 1
    before = sorted(each.name[:4] for each in path.parent.glob("*.sql") if each.name < path.name)
    print(f"running downgrade {revision} -> {before[-1]}: {down.strip()}", flush=True)
    database.execute("SET lock_timeout = '5s'")
    database.execute(down.encode())
    database.execute("UPDATE alembic_version SET version_num = %s", (before[-1],))
    return 0


def main() -> int:
    with psycopg.connect((HOME / "dsn").read_text()) as database:
        if sys.argv[1:] == ["current"]:
            print(current(database))
            return 0
        if sys.argv[1:] == ["downgrade", "-1"]:
            return downgrade(database)
    print("usage: python -m alembic current | downgrade -1", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
