"""Is every route of the API in docs/routes.md, and no other?"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def main() -> int:
    served = set(json.loads((DOCS / "routes.json").read_text()))
    told = set(re.findall(r"^- `(/[^`]*)`", (DOCS / "routes.md").read_text(), re.M))
    for route in sorted(served ^ told):
        print(f"{route}: {'not documented' if route in served else 'documented, and not served'}")
    if served == told:
        print(f"{len(served)} routes, all documented")
    return int(served != told)


if __name__ == "__main__":
    sys.exit(main())
