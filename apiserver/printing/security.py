"""Roles, certificates and flow control (``pkg/printers/internalversion/printers.go``, v1.36)."""

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
    created_at,
    human_duration,
    name_of,
)

JSONObject = dict[str, Any]

_GROUP = "rbac.authorization.k8s.io"


def security_printers() -> Mapping[tuple[str, str], Printer]:
    role = RowPrinter((NAME, CREATED_AT), lambda obj, now: [name_of(obj), created_at(obj)])
    binding = RowPrinter(
        (
            NAME,
            Column("Role", description="The role that is bound."),
            AGE,
            Column("Users", description="The users it is bound to.", priority=1),
            Column("Groups", description="The groups it is bound to.", priority=1),
            Column("ServiceAccounts", description="The service accounts it is bound to.", priority=1),
        ),
        _binding,
    )
    return {
        (_GROUP, "Role"): role,
        (_GROUP, "ClusterRole"): role,
        (_GROUP, "RoleBinding"): binding,
        (_GROUP, "ClusterRoleBinding"): binding,
        ("certificates.k8s.io", "CertificateSigningRequest"): RowPrinter(
            (
                NAME,
                AGE,
                Column("SignerName", description="Who is asked to sign."),
                Column("Requestor", description="Who asks."),
                Column("RequestedDuration", description="How long the certificate is to be valid."),
                Column("Condition", description="Whether the request is approved, and the certificate issued."),
            ),
            _signing_request,
        ),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"): RowPrinter(
            (
                NAME,
                Column("PriorityLevel", description="The priority level of matching requests."),
                Column("MatchingPrecedence", description="The schema with the lowest number comes first."),
                Column("DistinguisherMethod", description="What tells the flows apart."),
                AGE,
                Column("MissingPL", description="Whether the priority level is missing."),
            ),
            _flow_schema,
        ),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): RowPrinter(
            (
                NAME,
                Column("Type", description="Whether requests are limited."),
                Column("NominalConcurrencyShares", description="The level's share of the server."),
                Column("Queues", description="How many queues there are."),
                Column("HandSize", description="How many queues a flow may use."),
                Column("QueueLengthLimit", description="How many requests wait in a queue."),
                AGE,
            ),
            _priority_level,
        ),
    }


def _binding(obj: JSONObject, now: datetime) -> list[Cell]:
    role, subjects = obj.get("roleRef", {}), obj.get("subjects") or ()

    def named(kind: str) -> str:
        return ", ".join(entry.get("name", "") for entry in subjects if entry.get("kind") == kind)

    accounts = ", ".join(
        f"{entry.get('namespace', '')}/{entry.get('name', '')}"
        for entry in subjects
        if entry.get("kind") == "ServiceAccount"
    )
    reference = f"{role.get('kind', '')}/{role.get('name', '')}"
    return [name_of(obj), reference, age(obj, now), named("User"), named("Group"), accounts]


def _signing_request(obj: JSONObject, now: datetime) -> list[Cell]:
    spec, status = obj.get("spec", {}), obj.get("status", {})
    seconds = spec.get("expirationSeconds")
    return [
        name_of(obj),
        age(obj, now),
        spec.get("signerName", "<none>"),
        spec.get("username", ""),
        "<none>" if seconds is None else human_duration(seconds),
        _signing_state(status),
    ]


def _signing_state(status: JSONObject) -> str:
    kinds = {entry.get("type") for entry in status.get("conditions") or ()}
    shown = "Denied" if "Denied" in kinds else "Approved" if "Approved" in kinds else "Pending"
    if "Failed" in kinds:
        shown += ",Failed"
    return f"{shown},Issued" if status.get("certificate") else shown


def _flow_schema(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    missing = next(
        (
            entry.get("status", "?")
            for entry in obj.get("status", {}).get("conditions") or ()
            if entry.get("type") == "Dangling"
        ),
        "?",
    )
    return [
        name_of(obj),
        spec.get("priorityLevelConfiguration", {}).get("name", ""),
        spec.get("matchingPrecedence", 0),
        (spec.get("distinguisherMethod") or {}).get("type", "<none>"),
        age(obj, now),
        missing,
    ]


def _priority_level(obj: JSONObject, now: datetime) -> list[Cell]:
    spec = obj.get("spec", {})
    limited = spec.get("limited") or {}
    queuing = (limited.get("limitResponse") or {}).get("queuing") or {}
    return [
        name_of(obj),
        spec.get("type", ""),
        limited.get("nominalConcurrencyShares", "<none>"),
        queuing.get("queues", "<none>"),
        queuing.get("handSize", "<none>"),
        queuing.get("queueLengthLimit", "<none>"),
        age(obj, now),
    ]
