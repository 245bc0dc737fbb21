"""Pods as caches have them."""

from typing import Any

from controller_manager.slim_pods import SlimPod

AT = "2026-01-01T00:00:00Z"


def wire(name: str, **status: Any) -> dict[str, Any]:
    mount = {"name": f"kube-api-access-{name}", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    container = {
        "name": "c",
        "image": "nginx",
        "ports": [{"containerPort": 80, "name": "http", "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "100m"}},
        "volumeMounts": [mount],
        "livenessProbe": {"tcpSocket": {"port": 80}},
    }
    return {
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": f"uid-{name}",
            "resourceVersion": "1",
            "labels": {"app": "web"},
            "managedFields": [{"manager": "m"}],
            "ownerReferences": [
                {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "u", "controller": True}
            ],
        },
        "spec": {
            "nodeName": "node-1",
            "containers": [container],
            "volumes": [
                {"name": mount["name"], "projected": {"sources": []}},
                {"name": "data", "persistentVolumeClaim": {"claimName": "data-0"}},
            ],
            "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute"}],
        },
        "status": {
            "phase": "Running",
            "podIP": f"127.0.0.{len(name)}",
            "podIPs": [{"ip": f"127.0.0.{len(name)}"}],
            "startTime": AT,
            "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": None, "lastTransitionTime": AT}],
            "containerStatuses": [
                {
                    "name": "c",
                    "ready": True,
                    "restartCount": 2,
                    "image": "nginx",
                    "imageID": "nginx@sha256:0",
                    "containerID": f"fake://{name}",
                    "state": {"running": {"startedAt": AT}},
                }
            ],
            **status,
        },
    }


def test_what_controllers_look_at_is_kept() -> None:
    pod = SlimPod.model_validate(wire("a"))
    assert (pod.key, pod.metadata.uid, pod.metadata.labels) == ("default/a", "uid-a", {"app": "web"})
    assert [(owner.kind, owner.controller) for owner in pod.metadata.owner_references] == [("ReplicaSet", True)]
    assert (pod.spec.node_name, pod.spec.tolerations[0].key) == ("node-1", "k")
    assert [volume.name for volume in pod.spec.volumes] == ["data"]
    (container,) = pod.spec.containers
    assert (container.ports[0].name, container.resources.requests) == ("http", {"cpu": "100m"})
    assert pod.ready
    assert (pod.status.pod_ip, pod.status.pod_ips[0].ip) == ("127.0.0.1", "127.0.0.1")
    assert pod.status.container_statuses[0].restart_count == 2


def test_what_nobody_looks_at_is_not() -> None:
    text = str(SlimPod.model_validate(wire("a")).model_dump(exclude_none=True, exclude_defaults=True))
    for word in ("kube-api-access", "volume_mounts", "liveness", "sha256", "fake://"):
        assert word not in text


def test_how_a_container_ended_is_kept() -> None:
    """Without what makes it another than that of the next pod."""
    ended = {"exitCode": 3, "reason": "Error", "finishedAt": AT, "message": "long", "containerID": "fake://1"}
    status = {
        "name": "c",
        "ready": False,
        "restartCount": 0,
        "image": "i",
        "imageID": "",
        "state": {"terminated": ended},
    }
    terminated = (
        SlimPod.model_validate(wire("a", containerStatuses=[status])).status.container_statuses[0].state.terminated
    )
    assert terminated is not None
    assert (terminated.exit_code, terminated.reason, terminated.message) == (3, "Error", "")
    assert terminated.finished_at is not None


def test_equal_parts_are_shared() -> None:
    one, other = SlimPod.model_validate(wire("a")), SlimPod.model_validate(wire("bb"))
    assert one.status.pod_ip != other.status.pod_ip
    assert one.spec is other.spec
    assert one.status.conditions[0] is other.status.conditions[0]
    assert one.status.container_statuses[0] is other.status.container_statuses[0]
    assert one.metadata.owner_references[0] is other.metadata.owner_references[0]


def test_a_pod_with_next_to_nothing() -> None:
    pod = SlimPod.model_validate({"metadata": {"name": "a", "namespace": "default"}})
    assert (pod.key, pod.spec.node_name, pod.status.phase, pod.kind) == ("default/a", "", "", "Pod")
