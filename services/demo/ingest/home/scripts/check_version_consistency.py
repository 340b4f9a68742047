"""Do VERSION, the newest heading of CHANGES.md and what is rolled out name the same version?"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HOME = Path(__file__).parents[1]


def main() -> int:
    heading = re.search(r"^## (\S+)", (HOME / "CHANGES.md").read_text(), re.M)
    told = {
        "VERSION": (HOME / "VERSION").read_text().strip(),
        "CHANGES.md": heading[1] if heading else "none",
        "live": json.loads((HOME / "release.json").read_text())["image"],
    }
    same = len(set(told.values())) == 1
    print(told["VERSION"] if same else ", ".join(f"{place}: {version}" for place, version in told.items()))
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
