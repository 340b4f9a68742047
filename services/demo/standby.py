"""A real standby of a running cluster, made by pg_basebackup."""

from __future__ import annotations

import shutil
from pathlib import Path
from subprocess import run

from services.demo.postgres import Cluster, find_binaries, unprivileged


def standby_of(primary: Cluster, folder: Path, name: str) -> Cluster:
    """In the folder, which must exist; the caller starts it."""
    shutil.copy(primary.passfile, folder / "pgpass")
    copy = Cluster(folder, settings={**primary.settings, "wal_retrieve_retry_interval": "100ms"})
    source = f"{primary.dsn()} application_name={name}"
    argv = [*unprivileged(), str(find_binaries() / "pg_basebackup"), "-D", str(copy.data), "-R", "-c", "fast"]
    run([*argv, "--no-sync", "-X", "stream", "-d", source], check=True, capture_output=True)
    return copy
