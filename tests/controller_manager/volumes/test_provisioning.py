"""What is made for claims, and by which class."""

from typing import Any

import pytest

from apimachinery.types.core import Node
from controller_manager.volumes.provisioning import default_class, provisioned_volume, standard_class, unmet
from tests.controller_manager.builders import claim, storage_class

DEFAULT = {"storageclass.kubernetes.io/is-default-class": "true"}
BETA_DEFAULT = {"storageclass.beta.kubernetes.io/is-default-class": "true"}


@pytest.mark.parametrize(
    ("classes", "chosen"),
    [
        pytest.param([], "", id="none there"),
        pytest.param([storage_class("a")], "", id="none is the default"),
        pytest.param([storage_class("a"), storage_class("b", annotations=DEFAULT)], "b", id="one"),
        pytest.param([storage_class("a", annotations=BETA_DEFAULT)], "a", id="older annotation"),
        pytest.param(
            [storage_class("a", annotations=DEFAULT, age=9), storage_class("b", annotations=DEFAULT, age=5)],
            "b",
            id="the newest of two",
        ),
        pytest.param(
            [storage_class("b", annotations=DEFAULT), storage_class("a", annotations=DEFAULT)],
            "a",
            id="of equals the first by name",
        ),
    ],
)
def test_default_class(classes: list[Any], chosen: str) -> None:
    assert default_class(classes) == chosen


def test_a_new_cluster_gets_a_class() -> None:
    made = standard_class([])
    assert made == {
        "metadata": {"name": "standard", "annotations": DEFAULT},
        "provisioner": "kubemu.io/host-path",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
        "allowVolumeExpansion": True,
    }


def test_what_is_there_goes_first() -> None:
    assert standard_class([storage_class("standard", provisioner="example.com/disks")]) is None
    made = standard_class([storage_class("fast", annotations=DEFAULT)])
    assert made is not None
    assert made["metadata"]["annotations"] == {}


@pytest.mark.parametrize(
    ("spec", "options", "why"),
    [
        pytest.param({}, {}, "", id="nothing"),
        pytest.param(
            {},
            {"mountOptions": ["ro", "soft"]},
            "Mount options are not supported by the provisioner but "
            'StorageClass "standard" has mount options [ro soft]',
            id="mount options",
        ),
        pytest.param(
            {"dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "x"}},
            {},
            'plugin "kubemu.io/host-path" is not a CSI plugin. Only CSI plugin can provision a claim with a datasource',
            id="copy",
        ),
        pytest.param(
            {"selector": {}}, {}, "claim.Spec.Selector is not supported for dynamic provisioning", id="selector"
        ),
        pytest.param({"volumeMode": "Block"}, {}, "", id="block"),
    ],
)
def test_unmet(spec: dict[str, Any], options: dict[str, Any], why: str) -> None:
    assert unmet(claim(spec=spec), storage_class(**options)) == why


def test_a_volume_for_every_node() -> None:
    made = provisioned_volume(claim(size="1024Mi"), storage_class("fast", reclaimPolicy="Retain"), None)
    assert made == {
        "metadata": {
            "name": "pvc-uid-data",
            "annotations": {
                "pv.kubernetes.io/bound-by-controller": "yes",
                "pv.kubernetes.io/provisioned-by": "kubemu.io/host-path",
            },
        },
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": "default",
                "name": "data",
                "uid": "uid-data",
            },
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "fast",
            "volumeMode": "Filesystem",
            "hostPath": {"path": "/var/lib/kubemu/pv/pvc-uid-data", "type": "DirectoryOrCreate"},
        },
    }


def test_a_volume_that_is_a_device() -> None:
    made = provisioned_volume(claim(spec={"volumeMode": "Block"}), storage_class(), None)
    assert made["spec"]["volumeMode"] == "Block"
    assert made["spec"]["hostPath"] == {"path": "/var/lib/kubemu/pv/pvc-uid-data", "type": "BlockDevice"}


@pytest.mark.parametrize(
    ("labels", "hostname"),
    [
        pytest.param({"kubernetes.io/hostname": "host-1"}, "host-1", id="label"),
        pytest.param({}, "n1", id="name"),
    ],
)
def test_a_volume_for_one_node(labels: dict[str, str], hostname: str) -> None:
    node = Node.model_validate({"metadata": {"name": "n1", "labels": labels}})
    made = provisioned_volume(claim(), storage_class(), node)
    expression = {"key": "kubernetes.io/hostname", "operator": "In", "values": [hostname]}
    assert made["spec"]["nodeAffinity"] == {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}
