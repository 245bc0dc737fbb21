"""What extends the API, and dynamic resources (``pkg/printers/internalversion/printers.go``, v1.36)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apiserver.printing.columns import (
    AGE,
    CREATED_AT,
    NAME,
    Cell,
    Column,
    Printer,
    RowPrinter,
    age,
    condition,
    count,
    created_at,
    label_selector_text,
    name_of,
)

JSONObject = dict[str, Any]

_ADMISSION = "admissionregistration.k8s.io"
_PARAM_KIND = Column("ParamKind", description="The kind of the parameters.")


def extension_printers() -> Mapping[tuple[str, str], Printer]:
    webhooks = RowPrinter(
        (NAME, count("Webhooks", "How many webhooks there are."), AGE),
        lambda obj, now: [name_of(obj), len(obj.get("webhooks") or ()), age(obj, now)],
    )
    binding = RowPrinter(
        (
            NAME,
            Column("PolicyName", description="The policy that is bound."),
            Column("ParamRef", description="The policy's parameters."),
            AGE,
        ),
        _policy_binding,
    )
    return {
        (_ADMISSION, "MutatingWebhookConfiguration"): webhooks,
        (_ADMISSION, "ValidatingWebhookConfiguration"): webhooks,
        (_ADMISSION, "ValidatingAdmissionPolicy"): RowPrinter(
            (NAME, count("Validations", "How many validations there are."), _PARAM_KIND, AGE),
            lambda obj, now: _policy(obj, "validations", now),
        ),
        (_ADMISSION, "MutatingAdmissionPolicy"): RowPrinter(
            (NAME, count("Mutations", "How many mutations there are."), _PARAM_KIND, AGE),
            lambda obj, now: _policy(obj, "mutations", now),
        ),
        (_ADMISSION, "ValidatingAdmissionPolicyBinding"): binding,
        (_ADMISSION, "MutatingAdmissionPolicyBinding"): binding,
        ("apiextensions.k8s.io", "CustomResourceDefinition"): RowPrinter(
            (NAME, CREATED_AT), lambda obj, now: [name_of(obj), created_at(obj)]
        ),
        ("apiregistration.k8s.io", "APIService"): RowPrinter(
            (
                NAME,
                Column("Service", description="Who serves the version: a service, or the server itself."),
                Column("Available", description="Whether it answers."),
                AGE,
            ),
            _api_service,
        ),
        ("resource.k8s.io", "ResourceClaim"): RowPrinter(
            (NAME, Column("State", description="Whether the claim is allocated and reserved."), AGE),
            lambda obj, now: [name_of(obj), _claim_state(obj), age(obj, now)],
        ),
        ("resource.k8s.io", "ResourceSlice"): RowPrinter(
            (
                NAME,
                Column("Node", description="The node that the devices are on."),
                Column("Driver", description="The driver of the devices."),
                Column("Pool", description="The pool that the slice is part of."),
                AGE,
            ),
            _resource_slice,
        ),
    }


def _policy(obj: JSONObject, entries: str, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    kind = spec.get("paramKind")
    shown = f"{kind.get('apiVersion', '')}/{kind.get('kind', '')}" if kind else "<unset>"
    return [name_of(obj), len(spec.get(entries) or ()), shown, age(obj, now)]


def _policy_binding(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    reference, shown = spec.get("paramRef"), "<unset>"
    if reference:
        namespace = reference.get("namespace") or "*"
        if reference.get("name"):
            shown = f"{namespace}/{reference['name']}"
        elif reference.get("selector") is not None:
            shown = f"{namespace}/{label_selector_text(reference['selector'])}"
    return [name_of(obj), spec.get("policyName", ""), shown, age(obj, now)]


def _api_service(obj: JSONObject, now: datetime) -> list[Cell]:
    service = obj.get("spec", {}).get("service")
    shown = f"{service.get('namespace', '')}/{service.get('name', '')}" if service else "Local"
    found = condition(obj, "Available") or {}
    status = found.get("status", "Unknown")
    available = status if status == "True" or not found.get("reason") else f"{status} ({found['reason']})"
    return [name_of(obj), shown, available, age(obj, now)]


def _claim_state(claim: JSONObject) -> str:
    status = claim.get("status", {})
    states = ["deleted"] if claim["metadata"].get("deletionTimestamp") else []
    if status.get("allocation"):
        states.append("allocated")
        if status.get("reservedFor"):
            states.append("reserved")
    elif not states:
        states.append("pending")
    return ",".join(states)


def _resource_slice(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    return [
        name_of(obj),
        spec.get("nodeName", "<unset>"),
        spec.get("driver", ""),
        spec.get("pool", {}).get("name", ""),
        age(obj, now),
    ]
