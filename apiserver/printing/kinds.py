"""The smaller kinds as rows (``pkg/printers/internalversion/printers.go``, v1.36)."""

from datetime import datetime
from typing import Any

from apiserver.printing.columns import AGE, NAME, Cell, Column, age, label_selector_text, since

JSONObject = dict[str, Any]

_ROLE_PREFIX = "node-role.kubernetes.io/"


class NamespacePrinter:
    columns = (NAME, Column("Status", description="Whether the namespace is in use or going away."), AGE)

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        return [obj["metadata"]["name"], obj.get("status", {}).get("phase", ""), age(obj, now)]


class NodePrinter:
    columns = (
        NAME,
        Column("Status", description="Readiness, and whether scheduling is disabled."),
        Column("Roles", description="The roles that the node's labels give it."),
        AGE,
        Column("Version", description="The kubelet's version."),
        Column("Internal-IP", description="The node's address inside the cluster.", priority=1),
        Column("External-IP", description="The node's address outside the cluster.", priority=1),
        Column("OS-Image", description="The operating system the node reports.", priority=1),
        Column("Kernel-Version", description="The kernel the node reports.", priority=1),
        Column("Container-Runtime", description="The container runtime and its version.", priority=1),
    )

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        status = obj.get("status", {})
        info = status.get("nodeInfo", {})
        return [
            obj["metadata"]["name"],
            _node_status(obj),
            _node_roles(obj),
            age(obj, now),
            info.get("kubeletVersion", ""),
            _address(status, "InternalIP"),
            _address(status, "ExternalIP"),
            info.get("osImage") or "<unknown>",
            info.get("kernelVersion") or "<unknown>",
            info.get("containerRuntimeVersion") or "<unknown>",
        ]


def _node_status(node: JSONObject) -> str:
    ready = next(
        (
            entry.get("status", "")
            for entry in node.get("status", {}).get("conditions", [])
            if entry.get("type", "") == "Ready"
        ),
        None,
    )
    words = ["Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"]
    if node.get("spec", {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _node_roles(node: JSONObject) -> str:
    labels = node["metadata"].get("labels", {})
    roles = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)} - {""}
    if role := labels.get("kubernetes.io/role"):
        roles.add(role)
    return ",".join(sorted(roles)) or "<none>"


def _address(status: JSONObject, kind: str) -> str:
    return next(
        (entry.get("address", "") for entry in status.get("addresses", []) if entry.get("type", "") == kind), "<none>"
    )


class ReplicaSetPrinter:
    columns = (
        NAME,
        Column("Desired", type="integer", description="How many replicas are wanted."),
        Column("Current", type="integer", description="How many replicas there are."),
        Column("Ready", type="integer", description="How many replicas are ready."),
        AGE,
        Column("Containers", description="The names of the template's containers.", priority=1),
        Column("Images", description="The images of the template's containers.", priority=1),
        Column("Selector", description="The label selector of the replicas.", priority=1),
    )

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        spec, status = obj.get("spec", {}), obj.get("status", {})
        containers = spec.get("template", {}).get("spec", {}).get("containers", [])
        return [
            obj["metadata"]["name"],
            spec.get("replicas", 0),
            status.get("replicas", 0),
            status.get("readyReplicas", 0),
            age(obj, now),
            ",".join(container.get("name", "") for container in containers),
            ",".join(container.get("image", "") for container in containers),
            label_selector_text(spec.get("selector")),
        ]


class LeasePrinter:
    columns = (NAME, Column("Holder", description="Who holds the lease."), AGE)

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        return [obj["metadata"]["name"], obj.get("spec", {}).get("holderIdentity", ""), age(obj, now)]


class EventPrinter:
    columns = (
        Column("Last Seen", description="When the event was last seen."),
        Column("Type", description="Normal or Warning."),
        Column("Reason", description="Why the event came about, in one word."),
        Column("Object", description="The object that the event is about."),
        Column("Subobject", description="The part of the object, such as a container.", priority=1),
        Column("Source", description="The component that reported the event.", priority=1),
        Column("Message", description="What happened."),
        Column("First Seen", description="When the event was first seen.", priority=1),
        Column("Count", description="How often the event was seen.", priority=1),
        Column("Name", format="name", description="Name of the event.", priority=1),
    )

    def cells(self, obj: JSONObject, now: datetime) -> list[Cell]:
        involved, series = obj.get("involvedObject", {}), obj.get("series", {})
        source = obj.get("source", {})
        first = obj.get("firstTimestamp") or obj.get("eventTime")
        last = series.get("lastObservedTime") or obj.get("lastTimestamp") or first
        component = source.get("component") or obj.get("reportingComponent", "")
        host = source.get("host") or obj.get("reportingInstance", "")
        kind = involved.get("kind", "").lower()
        return [
            since(last, now),
            obj.get("type", ""),
            obj.get("reason", ""),
            f"{kind}/{involved['name']}" if involved.get("name") else kind,
            involved.get("fieldPath", ""),
            f"{component}, {host}" if host else component,
            obj.get("message", "").strip(),
            since(first, now),
            series.get("count") or obj.get("count") or 1,
            obj["metadata"]["name"],
        ]
