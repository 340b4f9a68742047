"""A real standby of a running cluster, made by pg_basebackup."""

from __future__ import annotations

import shutil
from pathlib import Path
from subprocess import run

from services.demo.postgres import Cluster, unprivileged, find_binaries


def standby_of(primary: Cluster, folder: Path, name: str, through: int | None = None) -> Cluster:
    """Streams from the primary, or from the proxy in front of it on the port `through`. The caller starts it."""
    shutil.copy(primary.passfile, folder / "pgpass")
    copy = Cluster(folder, settings={**primary.settings, "wal_retrieve_retry_interval": "100ms"})
    source = f"{primary.dsn(port=through)} application_name={name}"
    argv = [*unprivileged(), str(find_binaries() / "pg_basebackup"), "-D", str(copy.data), "-R", "-c", "fast"]
    run([*argv, "--no-sync", "-X", "stream", "-d", source], check=True, capture_output=True)
    return copy
