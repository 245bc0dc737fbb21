"""What becomes of messages, field by field, for every kind there is."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apimachinery.protobuf import envelope
from apimachinery.protobuf.messages import load_messages
from apimachinery.protobuf.wire import MAX_DEPTH
from apimachinery.schema.bundle import load_bundle
from apimachinery.schema.decoder import DecodeError, Decoder, FieldValidation
from tests.apimachinery.protobuf.encoder import (
    SCHEMA_PROPS,
    as_go_writes,
    delimited,
    key,
    message,
    table,
    value,
    varint,
)
from tests.apimachinery.protobuf.generated import objects
from tests.apiserver.manifests import Manifest, manifests

JSONObject = dict[str, Any]

CORE = "io.k8s.api.core.v1."
DEPLOYMENT_SPEC = "io.k8s.api.apps.v1.DeploymentSpec"
JOB_SPEC = "io.k8s.api.batch.v1.JobSpec"
POD_SPEC = f"{CORE}PodSpec"
OPTIONS = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"
META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


KUBECTL_DEPLOYMENT = """
    6b3873000a150a07617070732f7631120a4465706c6f796d656e7412ab010a1f0a0377656212001a0022002a003200380042005a0a0a
    036170701203776562127a0800120c0a0a0a0361707012037765621a600a1c0a0012001a0022002a003200380042005a0a0a03617070
    1203776562124012220a056e67696e7812056e67696e782a0042006a007200800100880100900100a201001a00320042004a00520058
    00600068008201008a01009a0100c2010022020a00280038001a0c0800100018002000280038001a002200
"""
KUBECTL_SERVICE = """
    6b3873000a0d0a027631120753657276696365125d0a1b0a016312001a0022002a003200380042005a080a03617070120163123a0a15
    0a023830120354435018502206080010501a00280012080a036170701201631a002209436c757374657249503a00420052005a006000
    68001a020a001a002200
"""


def decoded(name: str, data: bytes) -> JSONObject:
    return load_messages().decode(name, data)


def without_optional_zeros(name: str, obj: JSONObject) -> JSONObject:
    """What Go's JSON encoder writes of an object."""
    return decoded(name, message(name, obj))


@pytest.mark.parametrize("manifest", [pytest.param(each, id=each.id) for each in manifests()])
def test_every_kind_comes_back_as_it_was(manifest: Manifest) -> None:
    struct = manifest.info.struct
    assert struct is not None
    decoder = Decoder(load_bundle(), struct)
    wanted = decoder.decode(as_go_writes(manifest.obj), FieldValidation.STRICT).object
    found = decoder.decode(decoded(struct.name, message(struct.name, wanted)), FieldValidation.STRICT).object
    assert found == {name: field for name, field in wanted.items() if name not in {"apiVersion", "kind"}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(
            KUBECTL_DEPLOYMENT,
            {
                "metadata": {"name": "web", "labels": {"app": "web"}},
                "spec": {
                    "replicas": 0,
                    "selector": {"matchLabels": {"app": "web"}},
                    "template": {
                        "metadata": {"labels": {"app": "web"}},
                        "spec": {
                            "containers": [{"name": "nginx", "image": "nginx", "resources": {}}],
                        },
                    },
                    "strategy": {},
                },
                "status": {},
            },
            id="deployment",
        ),
        pytest.param(
            KUBECTL_SERVICE,
            {
                "metadata": {"name": "c", "labels": {"app": "c"}},
                "spec": {
                    "ports": [{"name": "80", "protocol": "TCP", "port": 80, "targetPort": 80}],
                    "selector": {"app": "c"},
                    "type": "ClusterIP",
                },
                "status": {"loadBalancer": {}},
            },
            id="service",
        ),
    ],
)
def test_what_kubectl_sends(body: str, expected: JSONObject) -> None:
    """Bodies of ``kubectl create`` v1.36, and the JSON that its ``--dry-run=client`` shows for them."""
    found = envelope.unwrap(bytes.fromhex(body))
    assert decoded(load_bundle().kind(found.api_version, found.kind).name, found.raw) == expected


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_is_written_is_read(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(table())))
    obj = data.draw(objects(name))
    assert decoded(name, message(name, obj)) == obj


@pytest.mark.parametrize(
    ("name", "obj"),
    [
        pytest.param(DEPLOYMENT_SPEC, {"replicas": 0, "revisionHistoryLimit": 0}, id="replicas"),
        pytest.param(POD_SPEC, {"terminationGracePeriodSeconds": 0}, id="terminationGracePeriodSeconds"),
        pytest.param(POD_SPEC, {"automountServiceAccountToken": False}, id="automountServiceAccountToken"),
        pytest.param(POD_SPEC, {"enableServiceLinks": False}, id="enableServiceLinks"),
        pytest.param(f"{CORE}SecurityContext", {"allowPrivilegeEscalation": False, "runAsUser": 0}, id="security"),
        pytest.param(f"{CORE}SecretVolumeSource", {"optional": False, "defaultMode": 0}, id="optional"),
        pytest.param(f"{CORE}SecretKeySelector", {"optional": False, "key": "k"}, id="optional-of-a-selector"),
        pytest.param("io.k8s.api.batch.v1.CronJobSpec", {"suspend": False, "schedule": "@daily"}, id="cron-suspend"),
        pytest.param(JOB_SPEC, {"suspend": False, "parallelism": 0, "backoffLimit": 0}, id="job"),
        pytest.param(f"{CORE}HTTPGetAction", {"port": 0}, id="probe-port"),
        pytest.param(f"{CORE}ServicePort", {"port": 0, "targetPort": 0}, id="service-port"),
        pytest.param(f"{CORE}WeightedPodAffinityTerm", {"weight": 0}, id="weight"),
        pytest.param(OPTIONS, {"gracePeriodSeconds": 0, "orphanDependents": False}, id="delete-options"),
        pytest.param(META, {"deletionGracePeriodSeconds": 0}, id="deletionGracePeriodSeconds"),
        pytest.param(f"{CORE}ConfigMap", {"immutable": False, "data": {"empty": ""}}, id="immutable"),
        pytest.param(f"{CORE}ServiceSpec", {"internalTrafficPolicy": "", "sessionAffinityConfig": {}}, id="pointers"),
        pytest.param(f"{CORE}EmptyDirVolumeSource", {"sizeLimit": "0"}, id="quantity"),
        pytest.param(f"{CORE}Volume", {"name": "v", "emptyDir": {}}, id="empty-object"),
    ],
)
def test_zeros_that_say_something_are_kept(name: str, obj: JSONObject) -> None:
    assert without_optional_zeros(name, obj) == obj


@pytest.mark.parametrize(
    ("name", "obj"),
    [
        pytest.param(DEPLOYMENT_SPEC, {"minReadySeconds": 0, "paused": False}, id="deployment"),
        pytest.param(POD_SPEC, {"hostNetwork": False, "nodeName": "", "priorityClassName": ""}, id="pod"),
        pytest.param(f"{CORE}ServicePort", {"nodePort": 0, "protocol": ""}, id="service-port"),
        pytest.param(f"{CORE}Probe", {"periodSeconds": 0, "timeoutSeconds": 0}, id="probe"),
        pytest.param(META, {"name": "", "resourceVersion": "", "generation": 0}, id="metadata"),
        pytest.param("io.k8s.api.scheduling.v1.PriorityClass", {"globalDefault": False}, id="globalDefault"),
        pytest.param("io.k8s.api.autoscaling.v1.ScaleSpec", {"replicas": 0}, id="scale"),
        pytest.param(f"{CORE}NodeSpec", {"unschedulable": False}, id="unschedulable"),
    ],
)
def test_zeros_that_go_does_not_write_are_dropped(name: str, obj: JSONObject) -> None:
    written = b"".join(
        value(number, kind, obj[title]) for number, (title, _, kind) in table()[name].items() if title in obj
    )
    assert written
    assert without_optional_zeros(name, obj) == decoded(name, written) == {}


def test_fields_of_an_embedded_struct_stand_in_the_outer_object() -> None:
    source = delimited(2, delimited(2, delimited(1, b"Memory")))
    assert decoded(f"{CORE}Volume", delimited(1, b"v") + source) == {"name": "v", "emptyDir": {"medium": "Memory"}}


def test_a_message_sent_in_parts_is_one_object() -> None:
    parts = delimited(1, delimited(1, b"a")) + delimited(1, delimited(3, b"b"))
    assert decoded(f"{CORE}Pod", parts) == {"metadata": {"name": "a", "namespace": "b"}}


def test_of_a_value_sent_twice_the_last_one_counts() -> None:
    assert decoded(META, delimited(1, b"a") + delimited(1, b"b")) == {"name": "b"}
    assert decoded(META, delimited(1, b"a") + delimited(1, b"")) == {}


def test_numbers_may_be_packed() -> None:
    name, number = f"{CORE}PodSecurityContext", 4
    packed = delimited(number, varint(1) + varint(-1))
    assert decoded(name, packed + key(number, 0) + varint(300)) == {"supplementalGroups": [1, -1, 300]}


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        pytest.param(delimited(1, b"a") + delimited(2, b"b"), {"a": "b"}, id="both"),
        pytest.param(delimited(2, b"b") + delimited(1, b"a"), {"a": "b"}, id="the-other-way-round"),
        pytest.param(delimited(1, b"a"), {"a": ""}, id="no-value"),
        pytest.param(b"", {"": ""}, id="neither"),
        pytest.param(delimited(1, b"a") + delimited(2, b"b") + delimited(9, b"c"), {"a": "b"}, id="and-more"),
    ],
)
def test_entries_of_maps(entry: bytes, found: JSONObject) -> None:
    assert decoded(META, delimited(11, entry)) == {"labels": found}


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(key(900, 0) + varint(2**64 - 1), id="varint"),
        pytest.param(key(900, 1) + bytes(8), id="fixed64"),
        pytest.param(delimited(900, b"text"), id="delimited"),
        pytest.param(key(900, 3) + delimited(1, b"a") + key(2, 3) + key(2, 4) + key(900, 4), id="group"),
        pytest.param(key(900, 5) + bytes(4), id="fixed32"),
    ],
)
def test_unknown_fields_are_passed_over(unknown: bytes) -> None:
    assert decoded(META, unknown + delimited(1, b"a") + unknown) == {"name": "a"}


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert decoded(META, delimited(1, b"a\xffb\x00")) == {"name": "a�b\x00"}


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"\x0a", "unexpected EOF", id="no-length"),
        pytest.param(b"\x0a\x05ab", "unexpected EOF", id="cut-short"),
        pytest.param(b"\x0a" + varint(2**40), "unexpected EOF", id="huge-length"),
        pytest.param(b"\x0a" + varint(-1), "proto: negative length found during unmarshaling", id="negative-length"),
        pytest.param(b"\xff" * 11, "proto: integer overflow", id="overflow"),
        pytest.param(b"\x80", "unexpected EOF", id="key-cut-short"),
        pytest.param(key(7, 0) + b"\x80", "unexpected EOF", id="number-cut-short"),
        pytest.param(key(900, 1) + bytes(7), "unexpected EOF", id="fixed-cut-short"),
        pytest.param(key(900, 3) + b"\x08", "unexpected EOF", id="group-cut-short"),
        pytest.param(key(1, 0) + b"\x01", "proto: wrong wireType = 0 for field Name", id="wrong-wire-type"),
        pytest.param(key(900, 4), "proto: ObjectMeta: wiretype end group for non-group", id="end-of-no-group"),
        pytest.param(key(900, 7), "proto: illegal wireType 7", id="no-wire-type"),
        pytest.param(b"\x02\x00", "proto: ObjectMeta: illegal tag 0 (wire type 2)", id="no-number"),
        pytest.param(delimited(11, b"\x0a\x7f"), "unexpected EOF", id="in-a-map"),
        pytest.param(delimited(17, delimited(7, delimited(1, b"{"))), "json: unexpected end of data", id="no-json"),
    ],
)
def test_malformed(data: bytes, text: str) -> None:
    with pytest.raises(DecodeError) as raised:
        decoded(META, data)
    assert str(raised.value).startswith(text)


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = delimited(28, data)
    return data


def test_depth_is_bounded() -> None:
    assert decoded(SCHEMA_PROPS, nested(MAX_DEPTH))
    with pytest.raises(DecodeError, match="exceeded max depth"):
        decoded(SCHEMA_PROPS, nested(MAX_DEPTH + 1))
    with pytest.raises(DecodeError, match="exceeded max depth"):
        decoded(SCHEMA_PROPS, nested(20_000))


@given(st.sampled_from(sorted(table())), st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    with suppress(DecodeError):
        assert isinstance(decoded(name, data), dict)


@pytest.mark.parametrize("kind", ["v1/DeleteOptions", "policy/v1/Eviction", "autoscaling/v1/Scale", "v1/Binding"])
def test_kinds_that_are_no_resources_have_a_message(kind: str) -> None:
    assert decoded(load_bundle().kind(*kind.rsplit("/", 1)).name, b"") == {}
