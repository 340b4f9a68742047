"""What the demo's kubectl and cmctl do: the few commands that the profile's actions run, with their exit codes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.demo.treazr.kubernetes import Kubernetes
from services.demo.treazr.minio import Minio

FLAGS = ("--ignore-daemonsets", "--no-headers")  # options without a value
REPLICA = "statefulset/postgres-replica"
BACK_S = 0.3  # until a pod that was deleted is there again
Ran = tuple[int, str]  # exit code, output

# A program that asks the demo what it is to print, and how to end. It is a real program to whoever runs it.
PROGRAM = """#!{python} -I
import http.client, json, sys
connection = http.client.HTTPConnection("{address}", timeout=120)
try:
    connection.request("POST", "/{secret}", json.dumps(["{name}", *sys.argv[1:]]))
    code, said = json.loads(connection.getresponse().read())
except OSError as error:
    sys.exit(f"the demo does not answer: {{error}}")
print(said, file=sys.stderr if code else sys.stdout)
sys.exit(code)
"""


@dataclass
class Commands:
    kubernetes: Kubernetes
    minio: Minio
    renew: Callable[[], None]
    restart_replica: Callable[[], None]

    def run(self, argv: list[str]) -> Ran:
        words, options = _split(argv[1:])
        try:
            return 0, self._do(argv[0], words, options)
        except (KeyError, LookupError, ValueError) as error:
            return 1, f"Error from server (NotFound): {argv[0]} {' '.join(words)}: {error}"

    def _do(self, program: str, words: list[str], options: dict[str, str]) -> str:
        match [program, *words]:
            case ["kubectl", "get", kind]:
                return "\n".join(self._listed(kind))
            case ["kubectl", "scale", target]:
                self.kubernetes.scale(_deployment(target), int(options["--replicas"]))
                return f"{target} scaled"
            case ["kubectl", "rollout", "undo", target]:
                self.kubernetes.undo(_deployment(target))
                return f"{target} rolled back"
            case ["kubectl", "rollout", "restart", target] if target == REPLICA:
                self.restart_replica()
                return f"{target} restarted"
            case ["kubectl", "rollout", "status", target]:
                return self._status(target)
            case ["kubectl", "delete", "pod", pod]:
                return self._deleted(pod)
            case ["kubectl", "wait", "certificate", "edge-tls"]:
                return "certificate.cert-manager.io/edge-tls condition met"
            case ["kubectl", "wait", "pod", pod]:
                return self._ready(pod)
            case ["kubectl", "uncordon" | "drain" as verb, node]:
                self.kubernetes.cordon(node, False) if verb == "uncordon" else self.kubernetes.drain(node)
                return f"node/{node} {verb}ed"
            case ["cmctl", "renew", "edge-tls"]:
                self.renew()
                return "Manually triggered issuance of Certificate edge/edge-tls"
        raise LookupError("the demo knows no such thing")

    def _listed(self, kind: str) -> Iterator[str]:
        if kind == "nodes":
            for name, node in self.kubernetes.nodes.items():
                yield f"{name}   Ready{',SchedulingDisabled' if node.cordoned else ''}   <none>   210d   v1.31.2"
        elif kind == "pods":
            yield from (f"pod/{name}" for name in self.minio.nodes)
        elif kind == "certificates":
            yield "certificate.cert-manager.io/edge-tls"
        else:
            raise LookupError(kind)

    def _status(self, target: str) -> str:
        if target != REPLICA:
            name = _deployment(target)
            wanted, running = self.kubernetes.deployments[name].replicas, self.kubernetes.running(name)
            if running < wanted:
                raise LookupError(f"timed out waiting: {running} of {wanted} replicas are available")
        return f'"{target}" successfully rolled out'

    def _deleted(self, pod: str) -> str:
        if pod not in self.minio.nodes:
            raise LookupError(pod)
        self.minio.offline.add(pod)
        time.sleep(BACK_S)
        self.minio.offline.discard(pod)
        return f'pod "{pod}" deleted'

    def _ready(self, pod: str) -> str:
        if pod not in self.minio.nodes or pod in self.minio.offline:
            raise LookupError(f"timed out waiting for the condition on pods/{pod}")
        return f"pod/{pod} condition met"


def _deployment(target: str) -> str:
    kind, _, name = target.partition("/")
    if kind != "deployment":
        raise LookupError(target)
    return name


def _split(argv: list[str]) -> tuple[list[str], dict[str, str]]:
    """Words, and options with their values, which follow after a space or a `=`; FLAGS have none."""
    words: list[str] = []
    options: dict[str, str] = {}
    rest = iter(argv)
    for part in rest:
        if not part.startswith("--"):
            words.append(part)
        elif "=" in part or part in FLAGS:
            name, _, value = part.partition("=")
            options[name] = value
        else:
            options[part] = next(rest, "")
    return words, options
