"""Does the API answer from outside: alive, ready, and on the paths that matter?"""

from __future__ import annotations

import argparse
import sys
import urllib.error
import urllib.request

PATHS = ("/health/live", "/health/ready", "/api/events")
# whatever proxy the machine has is not asked
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def status(url: str) -> str:
    try:
        with OPENER.open(url, timeout=5) as answer:
            return str(answer.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return type(error).__name__


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-url", required=True)
    base = parser.parse_args().base_url.rstrip("/")
    found = {path: status(base + path) for path in PATHS}
    print(", ".join(f"{path} {told}" for path, told in found.items()))
    return int(any(told != "200" for told in found.values()))


if __name__ == "__main__":
    sys.exit(main())
