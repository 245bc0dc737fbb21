"""Keeps a ConfigMap, a Deployment and a Service for each Website."""

import hashlib
from collections.abc import Mapping
from typing import Any

import kopf
from kubernetes import client
from kubernetes.client.exceptions import ApiException

LABEL = "example.com/website"
JSONObject = dict[str, Any]


@kopf.on.startup()
def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
    """Keep kopf's notes out of the objects that users read."""
    settings.persistence.finalizer = "example.com/website"
    settings.posting.level = 30


def children(name: str, spec: Mapping[str, Any]) -> list[JSONObject]:
    """Return the objects that a Website stands for."""
    labels = {LABEL: name}
    version = hashlib.sha256(spec["page"].encode()).hexdigest()[:12]
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "labels": labels},
            "data": {"index.html": spec["page"]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "labels": labels},
            "spec": {
                "replicas": 0 if spec.get("suspended") else spec["replicas"],
                "selector": {"matchLabels": labels},
                "template": {
                    # Another page is another template, so that the servers are replaced one by one.
                    "metadata": {"labels": labels, "annotations": {"example.com/page": version}},
                    "spec": {
                        "terminationGracePeriodSeconds": 1,
                        "containers": [
                            {
                                "name": "web",
                                "image": "nginx",
                                "ports": [{"containerPort": 80}],
                                "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 1},
                                "volumeMounts": [{"name": "page", "mountPath": "/usr/share/nginx/html"}],
                            }
                        ],
                        "volumes": [{"name": "page", "configMap": {"name": name}}],
                    },
                },
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "labels": labels},
            "spec": {"selector": labels, "ports": [{"port": 80}]},
        },
    ]


def apply(obj: JSONObject, namespace: str) -> None:
    """Make an object, or make the one that is there like it."""
    core, apps = client.CoreV1Api(), client.AppsV1Api()
    kind = {"ConfigMap": "config_map", "Deployment": "deployment", "Service": "service"}[obj["kind"]]
    api = apps if kind == "deployment" else core
    try:
        getattr(api, f"create_namespaced_{kind}")(namespace, obj)
    except ApiException as error:
        if error.status != 409:
            raise
        getattr(api, f"patch_namespaced_{kind}")(obj["metadata"]["name"], namespace, obj)


@kopf.on.create("example.com", "v1", "websites")
@kopf.on.update("example.com", "v1", "websites", field="spec")
@kopf.on.resume("example.com", "v1", "websites")
def reconcile(name: str, namespace: str, spec: kopf.Spec, **_: Any) -> None:
    """Have the children as the Website wants them."""
    for child in children(name, spec):
        kopf.adopt(child)
        apply(child, namespace)


@kopf.on.event("apps", "v1", "deployments", labels={LABEL: kopf.PRESENT})
def tell(body: kopf.Body, name: str, namespace: str, type: str, **_: Any) -> None:
    """Say in the Website's status how many of its servers are ready."""
    if type == "DELETED":
        return
    wanted, ready = body["spec"].get("replicas", 1), body.get("status", {}).get("readyReplicas", 0)
    try:
        client.CustomObjectsApi().patch_namespaced_custom_object_status(
            "example.com", "v1", namespace, "websites", name, {"status": {"ready": f"{ready}/{wanted}"}}
        )
    except ApiException as error:
        if error.status != 404:
            raise
