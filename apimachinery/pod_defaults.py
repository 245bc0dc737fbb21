"""Upstream's defaults, applied to the JSON object in place (``pkg/apis/core/v1/defaults.go``, v1.36).

As in Go, the zero of a field that is no pointer means "not given": ``periodSeconds: 0`` becomes 10.
"""

from typing import Any

from apimachinery.amounts import POD_LEVEL, container_amounts, is_pod_level

JSONObject = dict[str, Any]

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_DEFAULTS = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_FILE_MODE_SOURCES = ("secret", "configMap", "downwardAPI", "projected")


def image_tag(image: str) -> str:
    """Return the tag of an image reference, ``latest`` when it has neither tag nor digest."""
    if "@" in image:
        return ""
    tail = image.rpartition("/")[2]
    return tail.partition(":")[2] or "latest"


def _pull_policy(image: str) -> str:
    return "Always" if image_tag(image) == "latest" else "IfNotPresent"


def default_pod(pod: JSONObject) -> None:
    """What holds for a Pod itself but not for a template: requests follow limits, host ports, service links."""
    spec = pod.setdefault("spec", {})
    default_pod_spec(spec)
    for container in spec.get("containers", []) + spec.get("initContainers", []):
        if limits := container.get("resources", {}).get("limits"):
            container["resources"]["requests"] = {**limits, **container["resources"].get("requests", {})}
    _default_pod_requests(spec)
    spec.setdefault("enableServiceLinks", True)
    if spec.get("hostNetwork"):
        for container in spec.get("containers", []) + spec.get("initContainers", []):
            for port in container.get("ports", ()):
                port["hostPort"] = port.get("hostPort") or port.get("containerPort", 0)


def _default_pod_requests(spec: JSONObject) -> None:
    """Let a pod with limits of its own request what its containers do together, or else as much as the limits."""
    limits = (spec.get("resources") or {}).get("limits")
    if not limits:
        return
    together = {name: str(number) for name, number in container_amounts(spec, "requests").items() if name in POD_LEVEL}
    most = {name: limit for name, limit in limits.items() if is_pod_level(name)}
    requests = {**most, **together, **(spec["resources"].get("requests") or {})}
    if requests:
        spec["resources"]["requests"] = requests


def default_pod_spec(spec: JSONObject) -> None:
    spec["dnsPolicy"] = spec.get("dnsPolicy") or "ClusterFirst"
    spec["restartPolicy"] = spec.get("restartPolicy") or "Always"
    spec["schedulerName"] = spec.get("schedulerName") or "default-scheduler"
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    for container in spec.get("containers", ()):
        default_container(container)
    for container in spec.get("initContainers", ()):
        default_container(container)
    for container in spec.get("ephemeralContainers", ()):
        default_container(container)
    for volume in spec.get("volumes", ()):
        _default_volume(volume)
    if service_account := spec.get("serviceAccountName"):
        spec["serviceAccount"] = service_account


def default_container(container: JSONObject) -> None:
    if not container.get("imagePullPolicy"):
        container["imagePullPolicy"] = _pull_policy(container.get("image", ""))
    container["terminationMessagePath"] = container.get("terminationMessagePath") or "/dev/termination-log"
    container["terminationMessagePolicy"] = container.get("terminationMessagePolicy") or "File"
    container.setdefault("resources", {})
    for port in container.get("ports", ()):
        port["protocol"] = port.get("protocol") or "TCP"
    for variable in container.get("env", ()):
        if field_ref := variable.get("valueFrom", {}).get("fieldRef"):
            field_ref["apiVersion"] = field_ref.get("apiVersion") or "v1"
        if resource_ref := variable.get("valueFrom", {}).get("resourceFieldRef"):
            resource_ref.setdefault("divisor", "0")
    for name in _PROBES:
        if (probe := container.get(name)) is not None:
            for key, value in _PROBE_DEFAULTS.items():
                probe[key] = probe.get(key) or value
            _default_handler(probe)
    for hook in container.get("lifecycle", {}).values():
        if isinstance(hook, dict):
            _default_handler(hook)


def _default_handler(handler: JSONObject) -> None:
    if (action := handler.get("httpGet")) is not None:
        action["path"] = action.get("path") or "/"
        action["scheme"] = action.get("scheme") or "HTTP"
    if (action := handler.get("grpc")) is not None:
        action.setdefault("service", "")


def _default_volume(volume: JSONObject) -> None:
    if not any(isinstance(value, dict) for key, value in volume.items() if key != "name"):
        volume["emptyDir"] = {}
    for source in _FILE_MODE_SOURCES:
        if source in volume:
            volume[source].setdefault("defaultMode", 0o644)
            for item in volume[source].get("items", ()):
                if "fieldRef" in item:
                    item["fieldRef"].setdefault("apiVersion", "v1")
    for entry in (volume.get("projected") or {}).get("sources") or ():
        if "serviceAccountToken" in entry:
            entry["serviceAccountToken"].setdefault("expirationSeconds", 3600)
        for item in (entry.get("downwardAPI") or {}).get("items") or ():
            if "fieldRef" in item:
                item["fieldRef"].setdefault("apiVersion", "v1")
    if (template := (volume.get("ephemeral") or {}).get("volumeClaimTemplate")) is not None:
        template.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    if (image := volume.get("image")) is not None and not image.get("pullPolicy"):
        image["pullPolicy"] = _pull_policy(image.get("reference", ""))
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")


def qos_class(pod: JSONObject) -> str:
    """Return ``Guaranteed``, ``Burstable`` or ``BestEffort`` (``pkg/apis/core/helper/qos``)."""
    spec = pod["spec"]
    containers = spec.get("containers", []) + spec.get("initContainers", [])
    whole = spec.get("resources") or {}
    if whole.get("requests") or whole.get("limits"):
        # What is said of the pod as a whole decides alone.
        containers = [spec]
    any_given = False
    guaranteed = True
    for container in containers:
        resources = container.get("resources", {})
        limits, requests = resources.get("limits", {}), resources.get("requests", {})
        for name in ("cpu", "memory"):
            limit, request = limits.get(name), requests.get(name)
            any_given = any_given or _positive(limit) or _positive(request)
            guaranteed = guaranteed and _positive(limit) and limit == request
    if not any_given:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"


def _positive(quantity: str | None) -> bool:
    return quantity is not None and quantity != "0"
