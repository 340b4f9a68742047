"""The tests that deploy.sh runs: a handful of requests, each of which has to be answered."""

import http.client
import sys

host = sys.argv[1].removeprefix("http://")
for path in ("/api/engines", "/api/reports", "/api/monitoring/slo"):
    link = http.client.HTTPConnection(host, timeout=5)
    link.request("GET", path)
    status = link.getresponse().status
    link.close()
    if status != 200:
        sys.exit(f"{path}: {status}")
