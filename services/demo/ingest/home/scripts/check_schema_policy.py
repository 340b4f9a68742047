"""Does each migration say whether it can be reversed, and is the database at the newest one?"""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg

HOME = Path(__file__).parents[1]


def main() -> int:
    paths = sorted((HOME / "migrations").glob("*.sql"))
    wrong = [f"{path.name}: does not say whether it is reversible" for path in paths if not _says(path.read_text())]
    with psycopg.connect((HOME / "dsn").read_text(), connect_timeout=5) as database:
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None or not paths[-1].name.startswith(row[0]):
        wrong.append(f"the database is at {row[0] if row else 'no revision'}, the newest is {paths[-1].name[:4]}")
    print("\n".join(wrong) or f"{len(paths)} migrations keep the policy")
    return int(bool(wrong))


def _says(text: str) -> bool:
    head = text.partition("\n")[0]
    return head.startswith("-- reversible: no") or (head.startswith("-- reversible: yes") and "\n-- down\n" in text)


if __name__ == "__main__":
    sys.exit(main())
