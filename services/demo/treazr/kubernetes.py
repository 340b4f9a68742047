"""A cluster that is told rather than run: nodes, what is to run on them, and where there is no room for it.

It says what kube-state-metrics would say of it. What follows from it is real: `on_change` starts and ends the workers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

ROOM = 15  # pods on a node
PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


@dataclass
class Node:
    cordoned: bool = False
    pressed: bool = False


@dataclass
class Deployment:
    namespace: str
    replicas: int
    releases: list[str]  # the newest last; the one before is what `rollout undo` goes back to


def _deployments() -> dict[str, Deployment]:
    """In the order in which they find room: the last one goes without."""
    return {
        "api": Deployment("app", 4, ["3.8.0", "3.8.1"]),
        "web": Deployment("app", 6, ["5.2.0"]),
        "edge": Deployment("edge", 3, ["1.9.4"]),
        "system": Deployment("kube-system", 11, ["1.31.2"]),
        "workers": Deployment("app", 2, ["3.8.1"]),
        "previews": Deployment("app", 6, ["0.4.0"]),
    }


@dataclass
class Kubernetes:
    on_change: Callable[[], None] = lambda: None
    nodes: dict[str, Node] = field(default_factory=lambda: {f"node-{n}": Node() for n in (1, 2, 3)})
    deployments: dict[str, Deployment] = field(default_factory=_deployments)
    lock: threading.RLock = field(default_factory=threading.RLock)

    # ---- what is there ----------------------------------------------------------------------------------------------

    def running(self, name: str) -> int:
        """Pods of the deployment that have a node."""
        with self.lock:
            room = ROOM * sum(not node.cordoned for node in self.nodes.values())
            for each, deployment in self.deployments.items():
                taken = min(room, deployment.replicas)
                if each == name:
                    return taken
                room -= taken
        raise KeyError(name)

    def release(self, name: str) -> str:
        return self.deployments[name].releases[-1]

    def pending(self) -> Iterator[tuple[str, str]]:
        """Namespace and name of each pod that no node takes."""
        for name, deployment in self.deployments.items():
            for number in range(self.running(name), deployment.replicas):
                yield deployment.namespace, f"{name}-{number}"

    # ---- what may be done -------------------------------------------------------------------------------------------

    def cordon(self, name: str, cordoned: bool) -> None:
        self.nodes[name].cordoned = cordoned
        self.on_change()

    def press(self, name: str, pressed: bool) -> None:
        self.nodes[name].pressed = pressed

    def drain(self, name: str) -> None:
        """Its pods move, and with them what pressed it."""
        self.press(name, False)
        self.cordon(name, True)

    def scale(self, name: str, replicas: int) -> None:
        self.deployments[name].replicas = replicas
        self.on_change()

    def roll_out(self, name: str, release: str) -> None:
        self.deployments[name].releases.append(release)
        self.on_change()

    def undo(self, name: str) -> None:
        releases = self.deployments[name].releases
        if len(releases) > 1:
            releases.pop()
        self.on_change()

    # ---- what it says -----------------------------------------------------------------------------------------------

    def metrics(self) -> str:
        with self.lock:
            return "\n".join([*self._nodes(), *self._pods(), *self._deployments()]) + "\n"

    def _nodes(self) -> Iterator[str]:
        yield "# TYPE kube_node_status_condition gauge"
        for name, node in self.nodes.items():
            for condition in (*PRESSURES, "Ready"):
                true = node.pressed if condition == "MemoryPressure" else condition == "Ready"
                for status, value in (("true", true), ("false", not true)):
                    labels = f'node="{name}",condition="{condition}",status="{status}"'
                    yield f"kube_node_status_condition{{{labels}}} {int(value)}"
        yield "# TYPE kube_node_spec_unschedulable gauge"
        for name, node in self.nodes.items():
            yield f'kube_node_spec_unschedulable{{node="{name}"}} {int(node.cordoned)}'

    def _pods(self) -> Iterator[str]:
        yield "# TYPE kube_pod_status_unschedulable gauge"
        for namespace, pod in self.pending():
            yield f'kube_pod_status_unschedulable{{namespace="{namespace}",pod="{pod}"}} 1'

    def _deployments(self) -> Iterator[str]:
        for metric, running in (("spec_replicas", False), ("status_replicas_available", True)):
            yield f"# TYPE kube_deployment_{metric} gauge"
            for name, each in self.deployments.items():
                count = self.running(name) if running else each.replicas
                yield f'kube_deployment_{metric}{{namespace="{each.namespace}",deployment="{name}"}} {count}'
