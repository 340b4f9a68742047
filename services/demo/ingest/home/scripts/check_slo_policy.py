"""Is the SLO written down whole: an objective that leaves a budget, burn rates that page, an owner?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

FAST, SLOW = 14.4, 6


def main() -> int:
    slo = json.loads((Path(__file__).parents[1] / "slo.json").read_text())
    wrong = []
    if not 0.9 <= slo.get("objective", 0) < 1:
        wrong.append("the objective leaves no budget, or a senseless one")
    if {each["factor"] for each in slo.get("burn", ()) if each["then"] == "page"} != {FAST, SLOW}:
        wrong.append(f"burn rates of {FAST} and {SLOW} have to page")
    if not slo.get("owner"):
        wrong.append("nobody owns it")
    print("\n".join(wrong) or f"{slo['objective']:.1%} over {slo['period_days']} days")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
