"""Storage classes and what drivers write: what is refused, in which words."""

import pytest

from apiserver.registry import storage_kinds as kinds
from apiserver.registry.strategy import Strategy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

CLASS = kinds.StorageClassStrategy()
ATTRIBUTES = kinds.VolumeAttributesClassStrategy()
ATTACHMENT = kinds.VolumeAttachmentStrategy()
DRIVER = kinds.CSIDriverStrategy()
NODE = kinds.CSINodeStrategy()
CAPACITY = kinds.CSIStorageCapacityStrategy()


@pytest.mark.parametrize(
    ("strategy", "obj", "expected"),
    [
        pytest.param(CLASS, {"provisioner": "kubernetes.io/no-provisioner"}, [], id="class"),
        pytest.param(CLASS, {}, ["provisioner: Required value"], id="no provisioner"),
        pytest.param(
            CLASS,
            {"provisioner": "a", "reclaimPolicy": "Recycle", "volumeBindingMode": "Later"},
            [
                'reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
                'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
            ],
            id="policies",
        ),
        pytest.param(
            CLASS,
            {"provisioner": "a", "parameters": {"": "x", "a": "y" * 256 * 1024}},
            [
                'parameters: Invalid value: "": field can not be empty.',
                "parameters: Too long: may not be more than 262144 bytes",
            ],
            id="parameters",
        ),
        pytest.param(
            ATTRIBUTES,
            {},
            [
                "driverName: Required value",
                "parameters: Required value: must contain at least one key/value pair",
            ],
            id="attributes of nothing",
        ),
        pytest.param(
            ATTACHMENT,
            {"spec": {"attacher": "a.b", "nodeName": "n", "source": {}}},
            ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"],
            id="attachment of nothing",
        ),
        pytest.param(
            DRIVER,
            {"spec": {"fsGroupPolicy": "Some", "tokenRequests": [{"audience": "a", "expirationSeconds": 1}]}},
            [
                'spec.fsGroupPolicy: Unsupported value: "Some": '
                'supported values: "File", "None", "ReadWriteOnceWithFSType"',
                "spec.tokenRequests[0].expirationSeconds: Invalid value: 1: "
                "may not specify a duration less than 10 minutes",
            ],
            id="driver",
        ),
        pytest.param(
            NODE,
            {"spec": {"drivers": [{"name": "a", "nodeID": "1"}, {"name": "a"}]}},
            ['spec.drivers[1].name: Duplicate value: "a"', "spec.drivers[1].nodeID: Required value"],
            id="one driver twice",
        ),
        pytest.param(
            CAPACITY,
            {"storageClassName": "fast", "capacity": "-1"},
            ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
            id="less than nothing",
        ),
    ],
)
def test_refusals(strategy: Strategy, obj: JSONObject, expected: list[str]) -> None:
    strategy.default(obj)
    assert lines(strategy.validate(obj)) == expected


@pytest.mark.parametrize(
    ("strategy", "old", "new", "expected"),
    [
        pytest.param(
            CLASS,
            {"provisioner": "a", "parameters": {"a": "b"}},
            {"provisioner": "b", "reclaimPolicy": "Retain", "volumeBindingMode": "WaitForFirstConsumer"},
            [
                "parameters: Forbidden: updates to parameters are forbidden.",
                "provisioner: Forbidden: updates to provisioner are forbidden.",
                "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
                'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
            ],
            id="class",
        ),
        pytest.param(
            CLASS, {"provisioner": "a"}, {"provisioner": "a", "allowVolumeExpansion": True}, [], id="expansion"
        ),
        pytest.param(
            ATTRIBUTES,
            {"driverName": "a", "parameters": {"a": "b"}},
            {"driverName": "a", "parameters": {"a": "c"}},
            ["parameters: Forbidden: updates to parameters are forbidden."],
            id="attributes",
        ),
        pytest.param(
            DRIVER,
            {"spec": {}},
            {"spec": {"attachRequired": False}},
            ["spec.attachRequired: Invalid value: false: field is immutable"],
            id="driver",
        ),
        pytest.param(
            NODE,
            {"spec": {"drivers": [{"name": "a", "nodeID": "1"}]}},
            {"spec": {"drivers": [{"name": "a", "nodeID": "2"}]}},
            ['spec.drivers: Invalid value: {"name":"a","nodeID":"2"}: field is immutable'],
            id="driver of a node",
        ),
        pytest.param(
            CAPACITY,
            {"storageClassName": "a"},
            {"storageClassName": "b"},
            ['storageClassName: Invalid value: "b": field is immutable'],
            id="capacity",
        ),
    ],
)
def test_changes(strategy: Strategy, old: JSONObject, new: JSONObject, expected: list[str]) -> None:
    for obj in (old, new):
        strategy.default(obj)
    assert lines(strategy.validate_update(new, old)) == expected


def test_what_is_attached_stays_as_it_is() -> None:
    source = {"persistentVolumeName": "v"}
    old, new = ({"spec": {"attacher": "a", "nodeName": node, "source": source}} for node in ("n", "m"))
    problems = lines(ATTACHMENT.validate_update(new, old))
    assert len(problems) == 1
    assert problems[0].startswith("spec: Invalid value: ")
    assert problems[0].endswith(": field is immutable")


def test_defaults_of_drivers() -> None:
    obj: JSONObject = {}
    DRIVER.default(obj)
    assert obj["spec"] == {
        "attachRequired": True,
        "fsGroupPolicy": "ReadWriteOnceWithFSType",
        "podInfoOnMount": False,
        "requiresRepublish": False,
        "seLinuxMount": False,
        "storageCapacity": False,
        "volumeLifecycleModes": ["Persistent"],
    }
    assert DRIVER.name_check("a" * 64) == ["must be no more than 63 bytes"]
