"""Retention at its full size, with the store failing half-way and the runner killed: what each run accounted for.

python -m tests.bench.retention --objects 10000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

TEST = "tests/services/test_retention_faults.py::test_nothing_is_lost_and_nothing_is_left"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=10_000, help="a multiple of 20")
    told = parser.parse_args()
    began = time.monotonic()
    argv = [sys.executable, "-m", "pytest", "-q", "-s", TEST]
    code = subprocess.run(argv, env={**os.environ, "RETENTION_OBJECTS": str(told.objects)}, check=False).returncode
    print(f"{told.objects:,} objects: {time.monotonic() - began:.0f} s in all, with the servers' start")
    return code


if __name__ == "__main__":
    sys.exit(main())
