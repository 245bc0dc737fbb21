"""What is done about claims and volumes, as tables."""

from typing import Any

import pytest

from apimachinery.types.core import Node
from controller_manager.notes import Note
from controller_manager.volumes.decisions import (
    AskClaim,
    AssignClass,
    Bind,
    ClaimDecision,
    Delegate,
    Delete,
    Fail,
    Keep,
    Lose,
    Mismatched,
    Provision,
    Reclaim,
    ReclaimDecision,
    Reselect,
    SetPhase,
    StayPending,
    Surroundings,
    Unbind,
    VolumeDecision,
    decide_claim,
    decide_reclaim,
    decide_volume,
    keeps_claim,
)
from tests.controller_manager.builders import claim, storage_class, volume

DONE = {"pv.kubernetes.io/bind-completed": "yes"}
OURS = {"pv.kubernetes.io/bound-by-controller": "yes"}
MADE = {"pv.kubernetes.io/provisioned-by": "kubemu.io/host-path"}
NODE = Node.model_validate({"metadata": {"name": "n1"}})
NOW = storage_class()
LATER = storage_class(volumeBindingMode="WaitForFirstConsumer")
FREE = volume()
FOREIGN = storage_class(provisioner="example.com/disks")


def normal(reason: str, message: str) -> StayPending:
    return StayPending(Note("Normal", reason, message))


def warning(reason: str, message: str) -> StayPending:
    return StayPending(Note("Warning", reason, message))


def failed(message: str) -> StayPending:
    return warning("ProvisioningFailed", message)


NO_VOLUME = normal("FailedBinding", "no persistent volumes available for this claim and no storage class is set")
WAITING = normal("WaitForFirstConsumer", "waiting for first consumer to be created before binding")


@pytest.mark.parametrize(
    ("asked", "around", "decision"),
    [
        pytest.param({}, {"volumes": [FREE], "storage_class": NOW}, Bind(FREE), id="a volume that fits"),
        pytest.param({}, {"storage_class": NOW}, Provision(NOW, None), id="none that fits"),
        pytest.param({}, {"storage_class": NOW, "node": NODE}, Provision(NOW, None), id="at once is for every node"),
        pytest.param({}, {"storage_class": NOW, "provisioning": False}, StayPending(), id="nothing is made"),
        pytest.param({"deleting": True}, {"storage_class": NOW}, StayPending(), id="nothing is made for what goes"),
        pytest.param({"storage_class": ""}, {}, NO_VOLUME, id="no class"),
        pytest.param({"storage_class": ""}, {"default_class": "standard"}, NO_VOLUME, id="no class, on purpose"),
        pytest.param({"storage_class": None}, {}, NO_VOLUME, id="class left open"),
        pytest.param(
            {"storage_class": None}, {"default_class": "standard"}, AssignClass("standard"), id="the default came later"
        ),
        pytest.param({}, {}, failed('storageclass.storage.k8s.io "standard" not found'), id="class not there"),
        pytest.param({}, {"storage_class": LATER}, WAITING, id="nobody uses it yet"),
        pytest.param(
            {}, {"storage_class": LATER, "volumes": [FREE]}, WAITING, id="nobody uses it yet, though one fits"
        ),
        pytest.param(
            {},
            {"storage_class": LATER, "unscheduled": ("p",)},
            normal("WaitForPodScheduled", "waiting for pod p to be scheduled"),
            id="its pod has no node",
        ),
        pytest.param(
            {},
            {"storage_class": LATER, "unscheduled": ("p", "q")},
            normal("WaitForPodScheduled", "waiting for pods p,q to be scheduled"),
            id="its pods have no node",
        ),
        pytest.param({}, {"storage_class": LATER, "node": NODE}, Provision(LATER, NODE), id="its pod has a node"),
        pytest.param(
            {},
            {"storage_class": LATER, "node": NODE, "node_lost": True},
            Reselect(),
            id="the node that was chosen for it is gone",
        ),
        pytest.param(
            {}, {"storage_class": LATER, "node": NODE, "volumes": [FREE]}, Bind(FREE), id="its pod has a node, one fits"
        ),
        pytest.param({}, {"storage_class": FOREIGN}, Delegate("example.com/disks", None), id="somebody else makes it"),
        pytest.param(
            {},
            {"storage_class": storage_class(provisioner="kubernetes.io/no-provisioner")},
            failed("no volume plugin matched name: kubernetes.io/no-provisioner"),
            id="nobody makes it",
        ),
        pytest.param(
            {"spec": {"selector": {}}},
            {"storage_class": NOW},
            failed(
                'Failed to provision volume with StorageClass "standard": '
                "claim.Spec.Selector is not supported for dynamic provisioning"
            ),
            id="cannot be made",
        ),
    ],
)
def test_a_claim_for_any_volume(asked: dict[str, Any], around: dict[str, Any], decision: ClaimDecision) -> None:
    assert decide_claim(claim(**asked), Surroundings(**around)) == decision


@pytest.mark.parametrize(
    ("named", "decision"),
    [
        pytest.param(None, StayPending(), id="not there"),
        pytest.param(FREE, Bind(FREE), id="free"),
        pytest.param(
            volume(size="1Mi"),
            warning("VolumeMismatch", 'Cannot bind to requested volume "pv": requested PV is too small'),
            id="does not fit",
        ),
        pytest.param(volume(claim="data"), Bind(volume(claim="data")), id="its own"),
        pytest.param(
            volume(claim="data", claim_uid=""), Bind(volume(claim="data", claim_uid="")), id="set aside for it"
        ),
        pytest.param(
            volume(claim="other"),
            warning("FailedBinding", 'volume "pv" already bound to a different claim.'),
            id="another's",
        ),
    ],
)
def test_a_claim_for_one_volume(named: Any, decision: ClaimDecision) -> None:
    assert decide_claim(claim(volume="pv"), Surroundings(named=named)) == decision


@pytest.mark.parametrize(
    ("name", "named", "decision"),
    [
        pytest.param("pv", volume(claim="data"), Bind(volume(claim="data")), id="all is well"),
        pytest.param("pv", FREE, Bind(FREE), id="the volume has forgotten"),
        pytest.param(
            "",
            None,
            Lose(
                Note(
                    "Warning",
                    "ClaimLost",
                    "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
                )
            ),
            id="the claim has forgotten",
        ),
        pytest.param(
            "pv",
            None,
            Lose(
                Note("Warning", "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
            ),
            id="the volume is gone",
        ),
        pytest.param(
            "pv",
            volume(claim="data", claim_uid="another"),
            Lose(
                Note(
                    "Warning",
                    "ClaimMisbound",
                    "Two claims are bound to the same volume, this one is bound incorrectly",
                )
            ),
            id="the volume is another's",
        ),
    ],
)
def test_a_bound_claim(name: str, named: Any, decision: ClaimDecision) -> None:
    assert decide_claim(claim(volume=name, annotations=DONE), Surroundings(named=named)) == decision


@pytest.mark.parametrize(
    ("of_volume", "found", "decision"),
    [
        pytest.param({}, None, SetPhase("Available"), id="nobody's"),
        pytest.param({"claim": "data", "claim_uid": ""}, None, SetPhase("Available"), id="set aside"),
        pytest.param({"claim": "data"}, claim(volume="pv"), SetPhase("Bound"), id="bound"),
        pytest.param({"claim": "data"}, claim(), AskClaim(), id="half bound"),
        pytest.param(
            {"claim": "data"},
            claim(spec={"volumeMode": "Block"}),
            Mismatched(
                Note(
                    "Warning",
                    "VolumeMismatch",
                    'Cannot bind PersistentVolume to requested PersistentVolumeClaim "data" due to incompatible '
                    "volumeMode.",
                ),
                Note(
                    "Warning",
                    "VolumeMismatch",
                    'Cannot bind PersistentVolume "pv" to requested PersistentVolumeClaim due to incompatible '
                    "volumeMode.",
                ),
            ),
            id="another mode",
        ),
        pytest.param({"claim": "data"}, None, Reclaim(), id="the claim is gone"),
        pytest.param({"claim": "data", "claim_uid": "older"}, claim(), Reclaim(), id="another claim of the name"),
        pytest.param({"claim": "data"}, claim(volume="other"), Unbind(), id="the claim has another"),
        pytest.param(
            {"claim": "data", "annotations": MADE}, claim(volume="other"), Unbind(), id="made for it, to be kept"
        ),
        pytest.param(
            {"claim": "data", "annotations": MADE, "policy": "Delete"},
            claim(volume="other"),
            Reclaim(),
            id="made for it, to be deleted",
        ),
    ],
)
def test_a_volume(of_volume: dict[str, Any], found: Any, decision: VolumeDecision) -> None:
    assert decide_volume(volume(**of_volume), found) == decision


def test_what_a_user_set_aside_stays_so() -> None:
    assert keeps_claim(volume(claim="data"))
    assert not keeps_claim(volume(claim="data", annotations=OURS))


def unable(reason: str, message: str) -> Fail:
    return Fail(Note("Warning", reason, message))


@pytest.mark.parametrize(
    ("of_volume", "decision"),
    [
        pytest.param({"policy": "Retain", "annotations": MADE}, Keep(), id="retain"),
        pytest.param(
            {"policy": "Recycle"},
            unable("VolumeFailedRecycle", "No recycler plugin found for the volume!"),
            id="recycle",
        ),
        pytest.param(
            {"policy": "Burn"},
            unable("VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy"),
            id="unknown",
        ),
        pytest.param({"policy": "Delete", "annotations": MADE}, Delete(), id="delete what was made here"),
        pytest.param(
            {"policy": "Delete", "annotations": {"pv.kubernetes.io/provisioned-by": "example.com/disks"}},
            Keep(),
            id="delete what somebody else made",
        ),
        pytest.param(
            {"policy": "Delete", "annotations": {"pv.kubernetes.io/provisioned-by": "kubernetes.io/gce-pd"}},
            unable("VolumeFailedDelete", "no volume plugin matched name: kubernetes.io/gce-pd"),
            id="delete what a plugin made that is not there",
        ),
        pytest.param({"policy": "Delete", "spec": {"hostPath": {"path": "/tmp/a"}}}, Delete(), id="delete below /tmp"),
        pytest.param(
            {"policy": "Delete", "spec": {"hostPath": {"path": "/data"}}},
            unable("VolumeFailedDelete", "host_path deleter only supports /tmp/.+ but received provided /data"),
            id="delete elsewhere",
        ),
        pytest.param(
            {"policy": "Delete", "spec": {"nfs": {"server": "s", "path": "/"}}},
            unable(
                "VolumeFailedDelete",
                'error getting deleter volume plugin for volume "pv": no deletable volume plugin matched',
            ),
            id="delete what cannot be",
        ),
    ],
)
def test_reclaiming(of_volume: dict[str, Any], decision: ReclaimDecision) -> None:
    assert decide_reclaim(volume(**of_volume)) == decision
