"""Requests for certificates: what is refused, in which words, and who may decide what."""

import base64
import copy
from typing import Any

import pytest

from apiserver.registry.certificates import CertificateSigningRequestStrategy
from tests.apiserver.objects import JSONObject
from tests.apiserver.validation.causes import lines

STRATEGY = CertificateSigningRequestStrategy()
APPROVAL = STRATEGY.of_subresource("approval")


def pem(kind: str) -> str:
    return base64.b64encode(f"-----BEGIN {kind}-----\nMIIB\n-----END {kind}-----\n".encode()).decode()


def request(**spec: Any) -> JSONObject:
    obj = {
        "metadata": {"name": "r"},
        "spec": {
            "request": pem("CERTIFICATE REQUEST"),
            "signerName": "example.com/signer",
            "usages": ["client auth"],
            **spec,
        },
    }
    STRATEGY.prepare_for_create(obj)
    return obj


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"usages": []}, ["spec.usages: Required value"], id="for nothing"),
        pytest.param({"usages": ["signing", "signing"]}, ['spec.usages[1]: Duplicate value: "signing"'], id="twice"),
        pytest.param({"signerName": ""}, ["spec.signerName: Required value"], id="by nobody"),
        pytest.param(
            {"signerName": "kubernetes.io/legacy-unknown"},
            [
                'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": '
                "the legacy signerName is not allowed via this API version"
            ],
            id="by the signer of old",
        ),
        pytest.param(
            {"signerName": "me"},
            [
                'spec.signerName: Invalid value: "me": '
                "must be a fully qualified domain and path of the form 'example.com/signer-name'"
            ],
            id="by a signer of no domain",
        ),
        pytest.param(
            {"expirationSeconds": 599},
            [
                "spec.expirationSeconds: Invalid value: 599: "
                "may not specify a duration less than 600 seconds (10 minutes)"
            ],
            id="for too short",
        ),
        pytest.param(
            {"request": "AAAA"},
            ['spec.request: Invalid value: "AAAA": PEM block type must be CERTIFICATE REQUEST'],
            id="no request",
        ),
    ],
)
def test_refusals(spec: JSONObject, expected: list[str]) -> None:
    assert lines(STRATEGY.validate(request(**spec))) == expected


def test_who_asks_is_not_taken_from_the_request() -> None:
    obj = request(username="root", uid="0", groups=["wheel"], extra={"a": ["b"]})
    assert obj["spec"]["username"] == "kubernetes-admin"
    assert "wheel" not in obj["spec"]["groups"]
    assert not {"uid", "extra"} & set(obj["spec"])
    assert obj["status"] == {}


def condition(kind: str, status: str = "True") -> JSONObject:
    return {"type": kind, "status": status, "reason": "test"}


def approve(old: JSONObject, *conditions: JSONObject) -> tuple[JSONObject, list[str]]:
    new = copy.deepcopy(old)
    new["status"] = {"conditions": list(conditions), "certificate": "not mine to give"}
    new["spec"]["usages"] = ["any"]
    APPROVAL.prepare_for_update(new, old)
    return new, lines(APPROVAL.validate_update(new, old))


def test_an_approval_changes_conditions_alone() -> None:
    new, problems = approve(request(), condition("Approved"))
    assert problems == []
    assert new["status"] == {"conditions": [condition("Approved")]}
    assert new["spec"]["usages"] == ["client auth"]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        pytest.param(
            [condition("Approved"), condition("Denied")],
            [
                'status.conditions[1].type: Invalid value: "Denied": '
                "Approved and Denied conditions are mutually exclusive"
            ],
            id="yes and no",
        ),
        pytest.param(
            [condition("Approved", "False")],
            ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
            id="not approved",
        ),
        pytest.param(
            [condition("Approved"), condition("Approved")],
            ['status.conditions[1].type: Duplicate value: "Approved"'],
            id="twice",
        ),
        pytest.param(
            [{}],
            ["status.conditions[0].type: Required value", "status.conditions[0].status: Required value"],
            id="empty",
        ),
    ],
)
def test_conditions(conditions: list[JSONObject], expected: list[str]) -> None:
    assert approve(request(), *conditions)[1] == expected


def test_a_decision_stands() -> None:
    approved, _ = approve(request(), condition("Approved"))
    assert approve(approved)[1] == [
        'status.conditions: Forbidden: updates may not remove a condition of type "Approved"'
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param({"certificate": pem("CERTIFICATE")}, [], id="issued"),
        pytest.param(
            {"certificate": "AAAA"},
            ['status.certificate: Invalid value: "<certificate data>": expected CERTIFICATE PEM block'],
            id="no certificate",
        ),
        pytest.param(
            {"conditions": [condition("Approved")]},
            ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
            id="a signer does not approve",
        ),
        pytest.param({"conditions": [condition("Failed")]}, [], id="failed"),
    ],
)
def test_status(status: JSONObject, expected: list[str]) -> None:
    old = request()
    new = {**copy.deepcopy(old), "status": status}
    STRATEGY.prepare_for_status_update(new, old)
    assert lines(STRATEGY.validate_status_update(new, old)) == expected


def test_a_certificate_is_issued_once() -> None:
    old = {**request(), "status": {"certificate": pem("CERTIFICATE")}}
    assert lines(STRATEGY.validate_status_update({**old, "status": {}}, old)) == [
        "status.certificate: Forbidden: updates may not modify existing certificate content"
    ]


def test_a_request_stays_as_it_is() -> None:
    old = request()
    new = request(usages=["any"])
    STRATEGY.prepare_for_update(new, old)
    assert new["spec"] == old["spec"]
